using System.CommandLine;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal copy</c>: brings a collection from a file to PostgreSQL or Qdrant.</summary>
internal static class CopyCommand
{
    // Read here and nowhere else: a key on a command line is seen by everybody on the machine.
    private const string QdrantKey = "QDRANT_API_KEY";

    private static readonly TimeSpan IndexingTimeout = TimeSpan.FromHours(1);

    public static Command Create(CliConsole console)
    {
        var to = new Option<string>("--to")
        {
            Description = $"Where to: the address of a Qdrant (http://… or https://…; its key in {QdrantKey}), or a connection string of PostgreSQL (Host=…;Username=…;Database=…; the password in PGPASSWORD)",
            Required = true,
        };
        var name = new Option<string?>("--as") { Description = "The collection's name there; by default the same" };
        var command = new Command("copy", "Copy a collection to PostgreSQL or Qdrant, with its vectors, texts and payloads; nothing is embedded. Run again after a failure, it goes on where it was: only what is missing there or differs is sent.") { to, name };
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
                : await PostgreSqlVectorStore.OpenAsync(target, new() { Index = PostgreSqlIndex.None }, cancellationToken);
            await console.ProgressAsync("copying", (int)Math.Min(total, int.MaxValue), writesResults: false, async done =>
                copied = await collection.CopyToAsync(
                    server, copyName, new CliProgress<long>(count => done((int)Math.Min(total = count, int.MaxValue))), cancellationToken));
            await server.DisposeAsync();
            if (server is PostgreSqlVectorStore)
                await IndexAsync(target, copyName, cancellationToken);
            await console.Output.WriteLineAsync($"{copyName}: {copied} records copied" + (copied == total ? "" : $", {total - copied} were there already"));
            return CliApplication.Success;
        });
        return command;
    }

    // An index over all records is made sooner than one that grows with each.
    private static async Task IndexAsync(string target, string name, CancellationToken cancellationToken)
    {
        await using PostgreSqlVectorStore server = await PostgreSqlVectorStore.OpenAsync(target, new() { CommandTimeout = IndexingTimeout }, cancellationToken);
        await server.EnsureIndexAsync(name, cancellationToken);
    }
}
