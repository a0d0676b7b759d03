using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal collections</c>: what a vector store holds.</summary>
internal static class CollectionsCommand
{
    public static Command Create(CliConsole console)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a vector of a collection" };
        var command = new Command("collections", "List the collections of a vector store.") { json };
        var store = new StoreOptions();
        store.AddTo(command, withCollection: false);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using SqliteVectorStore opened = await store.OpenAsync(arguments, cancellationToken);
            var rows = new List<CollectionRow>();
            foreach (string name in await opened.ListCollectionsAsync(cancellationToken))
            {
                if (await opened.GetCollectionAsync(name, cancellationToken) is not { } collection)
                    continue; // removed meanwhile
                long records = await collection.CountAsync(cancellationToken: cancellationToken);
                rows.AddRange(collection.Definition.Vectors.Select(vector => new CollectionRow(
                    name, records, vector.Key, vector.Value.Dimensions, vector.Value.Metric, vector.Value.SpaceId, collection.Definition.Tokenizer, vector.Value.Probes.Count > 0)));
            }

            if (arguments.GetValue(json))
            {
                foreach (CollectionRow row in rows)
                    await console.Output.WriteLineAsync(JsonSerializer.Serialize(row, CliJson.Readable.CollectionRow));
            }
            else
            {
                console.WriteTable(["name", "records", "vector", "dimensions", "metric", "words", "space"], [.. rows.Select(row => new Cell[]
                {
                    row.Name, row.Records.ToString(CultureInfo.InvariantCulture), row.Vector, row.Dimensions.ToString(CultureInfo.InvariantCulture),
                    row.Metric.ToString().ToLowerInvariant(), row.Words.ToString().ToLowerInvariant(), row.Space,
                })]);
            }

            return CliApplication.Success;
        });
        return command;
    }
}
