using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary>What a search compares.</summary>
internal enum SearchKind
{
    /// <summary>Vectors and words together.</summary>
    Hybrid,

    /// <summary>Vectors alone.</summary>
    Vectors,

    /// <summary>Words alone.</summary>
    Words,
}

/// <summary><c>polymodal search</c>: finds records of a collection.</summary>
internal static class SearchCommand
{
    public static Command Create(CliConsole console)
    {
        var query = new Argument<string>("query") { Description = "What to look for" };
        Option<int> count = StoreOptions.Count("-k", "How many to show at most", 10);
        var by = new Option<SearchKind>("--by") { Description = "hybrid, vectors or words" };
        Option<VectorFilter?> filter = StoreOptions.Filter();
        var json = new Option<bool>("--json") { Description = "One JSON object a match: its score and the record" };
        var command = new Command("search", "Find records of a collection by meaning, by words, or both.") { query, count, by, filter, json };
        var store = new StoreOptions();
        var model = new ModelOptions();
        store.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            string text = arguments.GetRequiredValue(query);
            await using SqliteVectorStore opened = await store.OpenAsync(arguments, cancellationToken);
            IVectorCollection collection = await store.CollectionAsync(opened, arguments, cancellationToken);
            var options = new VectorSearchOptions { K = arguments.GetValue(count), Filter = arguments.GetValue(filter) };
            VectorSearchResult found;
            if (arguments.GetValue(by) == SearchKind.Words)
            {
                found = await collection.SearchTextAsync(text, options, cancellationToken);
            }
            else
            {
                await using ServiceProvider services = model.Services(arguments);
                Embedding<float> vector = await model.Generator(services, arguments).GenerateQueryAsync(text, cancellationToken: cancellationToken);
                found = arguments.GetValue(by) == SearchKind.Vectors
                    ? await collection.SearchAsync(vector, options, cancellationToken)
                    : await collection.SearchHybridAsync(vector, text, options: options, cancellationToken: cancellationToken);
            }

            foreach (VectorMatch match in found)
            {
                await console.Output.WriteLineAsync(arguments.GetValue(json)
                    ? $"{{\"score\":{JsonSerializer.Serialize(match.Score, CliJson.Readable.Single)},\"record\":{RecordJson.Write(match.Record, withVectors: false)}}}"
                    : CliText.OneLine(string.Create(CultureInfo.InvariantCulture, $"{match.Score,7:0.0000}  {match.Record.Id}  {match.Record.Text}")));
            }

            return CliApplication.Success;
        });
        return command;
    }
}
