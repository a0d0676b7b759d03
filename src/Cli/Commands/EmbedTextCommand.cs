using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal embed text</c>: one vector a text, one line a vector, written as it is computed.</summary>
internal static class EmbedTextCommand
{
    private const int TextsPerCall = 256;

    public static Command Create(CliConsole console)
    {
        var texts = new TextInputs();
        var intent = new Option<EmbeddingIntent?>("--intent") { Description = $"What the vectors are for: {string.Join(", ", Intents())}", CustomParser = Intent };
        var dimensions = new Option<int?>("--dimensions") { Description = "Cut the vectors to this length", CustomParser = Length };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: index, model, space, vector" };
        var model = new ModelOptions();
        var command = new Command("text", "Turn texts into vectors: one line a text, its numbers separated by spaces.") { intent, dimensions, json };
        texts.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            IAsyncEnumerable<string> inputs = texts.ReadAsync(console, arguments, cancellationToken);
            EmbeddingGenerationOptions options = new() { Dimensions = arguments.GetValue(dimensions) };
            if (arguments.GetValue(intent) is { } chosen)
                options = options.WithIntent(chosen);
            await using ServiceProvider services = model.Services(arguments);
            IEmbeddingGenerator<string, Embedding<float>> generator = model.Generator(services, arguments);
            await console.ProgressAsync("embedding", texts.Count(arguments), writesResults: true, async report =>
            {
                int written = 0;
                await foreach (string[] part in inputs.Chunk(TextsPerCall).WithCancellation(cancellationToken))
                {
                    foreach (Embedding<float> embedding in await generator.GenerateAsync(part, options, cancellationToken))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        await console.Output.WriteLineAsync(arguments.GetValue(json) ? Json(written, embedding) : Plain(embedding));
                        written++;
                    }

                    report(written);
                }
            });
            return CliApplication.Success;
        });
        return command;
    }

    private static IEnumerable<string> Intents() => Enum.GetNames<EmbeddingIntent>().Select(name => name.ToLowerInvariant());

    private static EmbeddingIntent? Intent(ArgumentResult result)
    {
        string word = result.Tokens[0].Value;
        if (Intents().Contains(word, StringComparer.OrdinalIgnoreCase))
            return Enum.Parse<EmbeddingIntent>(word, ignoreCase: true);
        result.AddError($"--intent is '{word}'; known: {string.Join(", ", Intents())}.");
        return null;
    }

    private static int? Length(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length > 0)
            return length;
        result.AddError($"--dimensions is '{result.Tokens[0].Value}'. Give a whole number of at least 1.");
        return null;
    }

    private static string Plain(Embedding<float> embedding) =>
        string.Join(' ', embedding.Vector.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static string Json(int index, Embedding<float> embedding) =>
        JsonSerializer.Serialize(new(index, embedding.ModelId, EmbeddingSpace.SpaceIdOf(embedding), embedding.Vector), CliJson.Readable.EmbeddedText);
}
