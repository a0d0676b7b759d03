using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Audio;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal embed audio</c>: one vector a file, or one a window.</summary>
internal static class EmbedAudioCommand
{
    public static Command Create(CliConsole console)
    {
        var files = new Argument<string[]>("files") { Description = "Sound files", Arity = ArgumentArity.OneOrMore };
        var windows = new Option<bool>("--windows") { Description = "One line a window of each file, in place of one a file" };
        var seconds = new Option<double?>("--window-seconds") { Description = "Length of a window of a long sound", CustomParser = Seconds };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: file, start, duration, model, space, vector" };
        var model = new AudioModelOptions();
        var command = new Command("audio", "Turn sounds into vectors: one line a file, its numbers separated by spaces.") { files, windows, seconds, json };
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using ServiceProvider services = model.Services(arguments, arguments.GetValue(seconds) is { } length ? TimeSpan.FromSeconds(length) : null);
            LocalAudioEmbeddingGenerator generator = model.Generator(services, arguments);
            foreach (string file in arguments.GetRequiredValue(files))
            {
                await foreach (AudioWindowEmbedding window in Vectors(generator, file, arguments.GetValue(windows), cancellationToken))
                    await console.Output.WriteLineAsync(arguments.GetValue(json) ? Json(file, window) : Plain(window));
            }

            return CliApplication.Success;
        });
        return command;
    }

    private static async IAsyncEnumerable<AudioWindowEmbedding> Vectors(
        LocalAudioEmbeddingGenerator generator, string file, bool byWindow, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!byWindow)
        {
            yield return new AudioWindowEmbedding(TimeSpan.Zero, TimeSpan.Zero, (await generator.GenerateAsync([new FileInfo(file)], options: null, cancellationToken))[0]);
            yield break;
        }

        using FileStream stream = File.OpenRead(file);
        await foreach (AudioWindowEmbedding window in generator.GenerateWindowsAsync(stream, options: null, cancellationToken))
            yield return window;
    }

    private static double? Seconds(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0.1 and <= 3_600)
            return seconds;
        result.AddError($"--window-seconds is '{result.Tokens[0].Value}'. Give a number of seconds from 0.1 to 3600.");
        return null;
    }

    private static string Plain(AudioWindowEmbedding window) => string.Join(' ', window.Embedding.Vector.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static string Json(string file, AudioWindowEmbedding window) => JsonSerializer.Serialize(
        new(file, window.Start.TotalSeconds, window.Duration.TotalSeconds, window.Embedding.ModelId, EmbeddingSpace.SpaceIdOf(window.Embedding), window.Embedding.Vector), CliJson.Readable.EmbeddedSound);
}
