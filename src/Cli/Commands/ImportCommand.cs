using System.CommandLine;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal import</c>: records from lines of JSON or a NumPy file into a collection.</summary>
internal static class ImportCommand
{
    public static Command Create(CliConsole console)
    {
        var file = new Argument<string>("file") { Description = "Lines of JSON as 'polymodal export' writes them; - is standard input" };
        var npy = new Option<string?>("--npy") { Description = "A NumPy file, float32 [records, dimensions], with a vector for each line in order" };
        var space = new Option<string?>("--space") { Description = "The space of the vectors, for a new collection whose file does not describe it" };
        var metric = new Option<SimilarityMetric>("--metric") { Description = "How a new collection compares: cosine, dotproduct or euclidean" };
        var command = new Command("import", "Store records, replacing those with the same id. The collection is made when there is none.") { file, npy, space, metric };
        var store = new StoreOptions();
        store.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            string path = arguments.GetRequiredValue(file);
            using TextReader reader = CliText.Open(console, path, "records, one a line");
            await using SqliteVectorStore opened = await store.CreateAsync(arguments, cancellationToken);
            long stored = 0;
            await console.ProgressAsync("importing", total: null, writesResults: false, async report =>
            {
                await using IAsyncEnumerator<(VectorRecord? Record, VectorCollectionDefinition? Definition)> lines =
                    ReadAsync(reader, path, arguments.GetValue(npy), cancellationToken).GetAsyncEnumerator(cancellationToken);
                if (!await lines.MoveNextAsync())
                    throw new InvalidDataException($"{path} holds no line. Give lines as 'polymodal export' writes them.");
                IVectorCollection collection = await opened.GetCollectionAsync(store.Name(arguments), cancellationToken)
                    ?? await opened.GetOrCreateCollectionAsync(store.Name(arguments), lines.Current.Definition ?? Define(lines.Current.Record!), cancellationToken);
                if (lines.Current.Definition is { } described)
                    await opened.GetOrCreateCollectionAsync(store.Name(arguments), described, cancellationToken); // refuses vectors of another space before any is stored
                stored = await collection.UpsertAsync(RestAsync(lines), progress: new CliProgress<long>(done => report((int)Math.Min(done, int.MaxValue))), cancellationToken: cancellationToken);
            });
            await console.Output.WriteLineAsync($"{store.Name(arguments)}: {stored} records stored");
            return CliApplication.Success;

            VectorCollectionDefinition Define(VectorRecord first) => arguments.GetValue(space) is not { } spaceId
                ? throw new ArgumentException($"there is no collection '{store.Name(arguments)}', and {path} does not say which space its vectors are of. Name it with --space.")
                : new(first.Vectors.Select(vector => KeyValuePair.Create(vector.Key, new VectorDefinition { SpaceId = spaceId, Dimensions = vector.Value.Vector.Length, Metric = arguments.GetValue(metric) })));
        });
        return command;
    }

    private static async IAsyncEnumerable<VectorRecord> RestAsync(IAsyncEnumerator<(VectorRecord? Record, VectorCollectionDefinition? Definition)> lines)
    {
        do
        {
            if (lines.Current.Record is { } record)
                yield return record;
        }
        while (await lines.MoveNextAsync());
    }

    private static async IAsyncEnumerable<(VectorRecord? Record, VectorCollectionDefinition? Definition)> ReadAsync(
        TextReader reader, string path, string? npy, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IEnumerator<ReadOnlyMemory<float>>? vectors = npy is null ? null : NpyFile.Read(npy).GetEnumerator();
        int number = 0;
        await foreach (string line in CliText.LinesAsync(reader, path, cancellationToken))
        {
            number++;
            if (line.Length == 0)
                continue;
            (VectorRecord? record, VectorCollectionDefinition? definition) = Parse(line, number, path);
            if (record is not null && vectors is not null)
            {
                if (!vectors.MoveNext())
                    throw new InvalidDataException($"{path}, line {number}: {npy} has no vector for it. Give a file with one for each record.");
                record = record with { Embedding = new Embedding<float>(vectors.Current) };
            }

            yield return (record, definition);
        }

        if (vectors?.MoveNext() == true)
            throw new InvalidDataException($"{npy} has more vectors than {path} has records. The records were stored; check that the files belong together.");
    }

    private static (VectorRecord? Record, VectorCollectionDefinition? Definition) Parse(string line, int number, string path)
    {
        try
        {
            return number == 1 && RecordJson.ReadDefinition(line) is { } definition ? (null, definition) : (RecordJson.ReadRecord(line), null);
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException($"{path}, line {number}: {exception.Message}", exception);
        }
    }
}
