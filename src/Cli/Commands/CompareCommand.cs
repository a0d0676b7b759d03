using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Multimodal;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal compare</c>: how near two inputs of any media are, or why that is no number.</summary>
internal static class CompareCommand
{
    // Nobody means a text by these; a name that is mistyped must not become one.
    private static readonly string[] SoundEndings = [".wav", ".aif", ".aiff", ".aifc", ".au", ".mp3", ".flac", ".ogg", ".opus", ".m4a"];

    public static Command Create(CliConsole console)
    {
        var first = new Argument<string>("first") { Description = "A text, or the file of a text, a picture or a sound" };
        var second = new Argument<string>("second") { Description = "The other one" };
        var json = new Option<bool>("--json") { Description = "One JSON object: first, second, score, metric, space, bridges, refusal" };
        var models = new MediaModelOptions();
        var command = new Command("compare", "Score two inputs of any media. They are compared only inside one space, or over a bridge that was measured; else the error says what would do.") { first, second, json };
        models.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            string[] named = [arguments.GetRequiredValue(first), arguments.GetRequiredValue(second)];
            MultimodalInput[] inputs = [.. named.Select(Input)];
            await using ServiceProvider services = models.Services(arguments);
            var generator = services.GetRequiredService<MultimodalEmbeddingGenerator>();
            try
            {
                MultimodalSimilarity near = await generator.CompareAsync(inputs[0], inputs[1], cancellationToken: cancellationToken);
                string[] bridges = [.. near.Bridges.Select(bridge => bridge.Name)];
                await console.Output.WriteLineAsync(arguments.GetValue(json)
                    ? JsonSerializer.Serialize(new(named[0], named[1], near.Score, near.Metric, near.SpaceId, bridges, Refusal: null), CliJson.Readable.ComparedInputs)
                    : string.Create(CultureInfo.InvariantCulture, $"{near.Score,7:0.0000}  {near.Metric.ToString().ToLowerInvariant()} in {near.SpaceId}{(bridges.Length == 0 ? "" : $", over {string.Join(" and ", bridges)}")}"));
                return CliApplication.Success;
            }
            catch (EmbeddingSpaceMismatchException refused) when (arguments.GetValue(json))
            {
                await console.Output.WriteLineAsync(JsonSerializer.Serialize(new(named[0], named[1], Score: null, Metric: null, Space: null, [], refused.Message), CliJson.Readable.ComparedInputs));
                return CliApplication.Failure;
            }
        });
        return command;
    }

    private static MultimodalInput Input(string named)
    {
        if (File.Exists(named))
            return new FileInfo(named);
        if (!named.Any(char.IsWhiteSpace) && PictureInputs.Endings.Concat(SoundEndings).Contains(Path.GetExtension(named), StringComparer.OrdinalIgnoreCase))
            throw new FileNotFoundException($"there is no file {named}. Give a file that exists, or a text.", named);
        return named;
    }
}
