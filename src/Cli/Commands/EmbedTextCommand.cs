using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal embed text</c>: one vector a text, one line a vector.</summary>
internal static class EmbedTextCommand
{
    private const int TextsPerCall = 256;

    public static Command Create(CliConsole console)
    {
        var texts = new Argument<string[]>("texts") { Description = "The texts", Arity = ArgumentArity.ZeroOrMore };
        var file = new Option<string?>("--file", "-f") { Description = "A UTF-8 file with one text a line; - is standard input" };
        var intent = new Option<EmbeddingIntent?>("--intent") { Description = "What the vectors are for: query, document, similarity, classification, clustering" };
        var dimensions = new Option<int?>("--dimensions") { Description = "Cut the vectors to this length" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: index, model, space, vector" };
        var model = new ModelOptions();
        var command = new Command("text", "Turn texts into vectors: one line a text, its numbers separated by spaces.") { texts, file, intent, dimensions, json };
        model.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(texts) is null or [] == result.GetValue(file) is null)
                result.AddError("Give texts, or a file with --file, and not both.");
        });
        command.SetAction(async (arguments, cancellationToken) =>
        {
            string[] inputs = arguments.GetValue(file) is { } path ? await ReadLinesAsync(console, path, cancellationToken) : arguments.GetRequiredValue(texts);
            EmbeddingGenerationOptions options = new() { Dimensions = arguments.GetValue(dimensions) };
            if (arguments.GetValue(intent) is { } chosen)
                options = options.WithIntent(chosen);
            await using ServiceProvider services = model.Services(arguments);
            IEmbeddingGenerator<string, Embedding<float>> generator = model.Generator(services, arguments);
            await console.ProgressAsync("embedding", inputs.Length, async report =>
            {
                for (int start = 0; start < inputs.Length; start += TextsPerCall)
                {
                    string[] part = inputs[start..Math.Min(inputs.Length, start + TextsPerCall)];
                    GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(part, options, cancellationToken);
                    for (int i = 0; i < part.Length; i++)
                        await console.Output.WriteLineAsync(arguments.GetValue(json) ? Json(start + i, embeddings[i]) : Plain(embeddings[i]));
                    report(start + part.Length);
                }
            });
            return CliApplication.Success;
        });
        return command;
    }

    private static async Task<string[]> ReadLinesAsync(CliConsole console, string path, CancellationToken cancellationToken)
    {
        if (path != "-")
            return await File.ReadAllLinesAsync(path, cancellationToken);
        string content = await console.Input.ReadToEndAsync(cancellationToken);
        return content.Length == 0 ? [] : (content.EndsWith('\n') ? content[..^1] : content).ReplaceLineEndings("\n").Split('\n');
    }

    private static string Plain(Embedding<float> embedding) =>
        string.Join(' ', embedding.Vector.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static string Json(int index, Embedding<float> embedding) =>
        JsonSerializer.Serialize(new(index, embedding.ModelId, EmbeddingSpace.SpaceIdOf(embedding), embedding.Vector), CliJson.Default.EmbeddedText);
}
