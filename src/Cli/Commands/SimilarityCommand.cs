using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal similarity</c>: how near texts are to the first one.</summary>
internal static class SimilarityCommand
{
    public static Command Create(CliConsole console)
    {
        var first = new Argument<string>("text") { Description = "The text to compare with" };
        var others = new Argument<string[]>("others") { Description = "The texts to score", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: score, text" };
        var model = new ModelOptions();
        var command = new Command("similarity", "Score texts by how near they are to a first one, nearest first.") { first, others, json };
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            string[] texts = arguments.GetRequiredValue(others);
            await using ServiceProvider services = model.Services(arguments);
            IEmbeddingGenerator<string, Embedding<float>> generator = model.Generator(services, arguments);
            EmbeddingGenerationOptions options = default(EmbeddingGenerationOptions).WithIntent(EmbeddingIntent.Similarity);
            GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync([arguments.GetRequiredValue(first), .. texts], options, cancellationToken);
            SimilarityMetric metric = generator.GetService<EmbeddingSpace>()?.Metric ?? SimilarityMetric.Cosine;
            foreach (ScoredIndex match in Similarity.TopK(embeddings[0], embeddings.Skip(1), texts.Length, metric))
            {
                await console.Output.WriteLineAsync(arguments.GetValue(json)
                    ? JsonSerializer.Serialize(new(match.Score, texts[match.Index]), CliJson.Readable.ScoredText)
                    : string.Create(CultureInfo.InvariantCulture, $"{match.Score,7:0.0000}  {CliText.OneLine(texts[match.Index])}"));
            }

            return CliApplication.Success;
        });
        return command;
    }
}
