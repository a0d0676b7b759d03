#if !WITHOUT_OWN_POSTGRESQL
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Polymodal.VectorStore.Ingestion;
using Polymodal.VectorStore.Tests.Ingestion;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.PostgreSql;

/// <summary>A server that is killed, as by a power cut, and started again on the same data.</summary>
[Collection("PostgreSQL")]
public sealed class PostgreSqlRestartTests : IAsyncLifetime, IDisposable
{
    private const int ChunksPerCall = 50;
    private static readonly SourceDocument[] Documents = [DocumentIndexerTests.Document("a", 120), DocumentIndexerTests.Document("b", 3), DocumentIndexerTests.Document("c", 130)];

    private readonly TemporaryFolder _folder = new();
    private readonly CountingGenerator _generator = new();
    private Process _server = null!;
    private CuttingProxy _proxy = null!;
    private string _connectionString = "";
    private int _port;

    public async Task InitializeAsync()
    {
        (_server, _port) = await PostgreSqlServer.LaunchAsync(_folder.File("data"));
        _proxy = new("127.0.0.1", _port);
        _connectionString = PostgreSqlServer.LocalConnectionString(_proxy.Port);
    }

    public async Task DisposeAsync()
    {
        await KillAsync();
        Dispose();
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _server.Dispose();
        _generator.Dispose();
        if (Directory.Exists(_folder.Path))
            _folder.Dispose();
    }

    private async Task KillAsync()
    {
        _server.Kill();
        await _server.WaitForExitAsync();
    }

    private async Task RestartAsync()
    {
        await _server.WaitForExitAsync();
        _server.Dispose();
        (_server, _) = await PostgreSqlServer.LaunchAsync(_folder.File("data"), _port.ToString(CultureInfo.InvariantCulture));
    }

    private Task<PostgreSqlVectorStore> OpenAsync(int retries) =>
        PostgreSqlVectorStore.OpenAsync(_connectionString, new() { Retries = retries, UseCopy = false, Index = PostgreSqlIndex.None });

    private DocumentIndexer Indexer(IVectorCollection collection) => new(_generator, collection, new() { ChunksPerCall = ChunksPerCall, Chunking = new() { MaxCharacters = 20 } });

    [Fact]
    public async Task An_ingestion_whose_server_died_in_the_middle_of_a_batch_is_an_error_and_goes_on_after_the_restart()
    {
        await using PostgreSqlVectorStore store = await OpenAsync(retries: 0);
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        _proxy.BeforeCut = _server.Kill;
        _generator.BeforeCall = () =>
        {
            if (_generator.Calls.Count == 3)
                _proxy.CutAfter(5_000); // of the fourth batch
        };

        VectorStoreException error = await Assert.ThrowsAsync<VectorStoreException>(() => Indexer(docs).IndexAsync(Documents));
        _generator.BeforeCall = null;
        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", (await Assert.ThrowsAsync<VectorStoreException>(() => docs.CountAsync())).Message, StringComparison.Ordinal);
        await RestartAsync();

        Assert.Equal(3 * ChunksPerCall, await docs.CountAsync()); // whole batches and nothing of the fourth
        IndexingReport rest = await Indexer(docs).IndexAsync(Documents);

        Assert.Equal(120 + 3 + 130 - (3 * ChunksPerCall), rest.ChunksEmbedded);
        await DocumentIndexerTests.AssertHoldsAsync(docs, 20, Documents);
        Assert.Equal(new(0, 0, 3, 0, 0), await Indexer(docs).IndexAsync(Documents));
    }

    [Fact]
    public async Task An_ingestion_goes_on_by_itself_when_the_server_restarts_meanwhile()
    {
        await using PostgreSqlVectorStore store = await OpenAsync(retries: 10);
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        Task? restarted = null;
        _proxy.BeforeCut = () =>
        {
            _server.Kill();
            restarted = Task.Run(RestartAsync);
        };
        _generator.BeforeCall = () =>
        {
            if (_generator.Calls.Count == 2)
                _proxy.CutAfter(5_000);
        };

        IndexingReport report = await Indexer(docs).IndexAsync(Documents);

        Assert.NotNull(restarted);
        await restarted;
        Assert.Equal(new(3, 0, 0, 0, 253), report);
        Assert.Equal(253, _generator.Calls.Sum()); // no passage was embedded twice
        await DocumentIndexerTests.AssertHoldsAsync(docs, 20, Documents);
    }
}
#endif
