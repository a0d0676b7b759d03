using System.CommandLine;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal copy</c>: brings a collection from a file to PostgreSQL or Qdrant.</summary>
internal static class CopyCommand
{
    // Read here and nowhere else: a key on a command line is seen by everybody on the machine.
    private const string QdrantKey = "QDRANT_API_KEY";

    public static Command Create(CliConsole console)
    {
        var to = new Option<string>("--to")
        {
            Description = $"Where to: the address of a Qdrant (http://… or https://…; its key in {QdrantKey}), or a connection string of PostgreSQL (Host=…;Username=…;Database=…; the password in PGPASSWORD)",
            Required = true,
        };
        var name = new Option<string?>("--as") { Description = "The collection's name there; by default the same" };
        var command = new Command("copy", "Copy a collection to PostgreSQL or Qdrant, with its vectors, texts and payloads; nothing is embedded. Run again after a failure, it stores the same once more.") { to, name };
        var store = new StoreOptions();
        store.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using SqliteVectorStore opened = await store.OpenAsync(arguments, cancellationToken);
            IVectorCollection collection = await store.CollectionAsync(opened, arguments, cancellationToken);
            string target = arguments.GetRequiredValue(to), copyName = arguments.GetValue(name) ?? collection.Name;
            long total = await collection.CountAsync(cancellationToken: cancellationToken), copied = 0;
            using var handler = new SocketsHttpHandler();
            using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
            await using IVectorStore server = Uri.TryCreate(target, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
                ? new QdrantVectorStore(client, new() { Endpoint = address!, ApiKey = Environment.GetEnvironmentVariable(QdrantKey) })
                : await PostgreSqlVectorStore.OpenAsync(target, cancellationToken: cancellationToken);
            await console.ProgressAsync("copying", (int)Math.Min(total, int.MaxValue), writesResults: false, async done =>
                copied = await collection.CopyToAsync(server, copyName, new CliProgress<long>(count => done((int)Math.Min(count, int.MaxValue))), cancellationToken));
            await console.Output.WriteLineAsync($"{copyName}: {copied} records copied");
            return CliApplication.Success;
        });
        return command;
    }
}
