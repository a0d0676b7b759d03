using System.CommandLine;
using System.Runtime.CompilerServices;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal export</c>: a collection as lines of JSON, its vectors in the lines or in a NumPy file.</summary>
internal static class ExportCommand
{
    public static Command Create(CliConsole console)
    {
        var npy = new Option<string?>("--npy") { Description = "Write the vectors without a name to this NumPy file, in the order of the lines, instead of into the lines" };
        Option<VectorFilter?> filter = StoreOptions.Filter();
        var command = new Command("export", "Write a collection to standard output: a line that describes it, then one line a record, by id.") { npy, filter };
        var store = new StoreOptions();
        store.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using SqliteVectorStore opened = await store.OpenAsync(arguments, cancellationToken);
            IVectorCollection collection = await store.CollectionAsync(opened, arguments, cancellationToken);
            await console.ProgressAsync("exporting", total: null, writesResults: true, async report =>
            {
                string? file = arguments.GetValue(npy);
                VectorFilter? chosen = arguments.GetValue(filter);
                await console.Output.WriteLineAsync(RecordJson.Write(collection.Definition));
                IAsyncEnumerable<VectorRecord> written = WrittenAsync(withVectors: file is null, cancellationToken);
                if (file is null)
                    await written.CountAsync(cancellationToken);
                else
                    await NpyFile.WriteAsync(file, collection.Definition.Vector.Dimensions, written.Select(record => record.Embedding.Vector), cancellationToken);

                async IAsyncEnumerable<VectorRecord> WrittenAsync(bool withVectors, [EnumeratorCancellation] CancellationToken token)
                {
                    int lines = 0;
                    await foreach (VectorRecord record in collection.ScanAsync(chosen, cancellationToken: token))
                    {
                        await console.Output.WriteLineAsync(RecordJson.Write(record, withVectors));
                        report(++lines);
                        yield return record;
                    }
                }
            });
            return CliApplication.Success;
        });
        return command;
    }
}
