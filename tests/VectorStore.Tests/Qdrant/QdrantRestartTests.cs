using Polymodal.VectorStore.Ingestion;
using Polymodal.VectorStore.Tests.Ingestion;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Qdrant;

/// <summary>A server that goes in the middle of an ingestion. Against the fake, which keeps what it took.</summary>
public sealed class QdrantRestartTests : IDisposable
{
    private const int ChunksPerCall = 50;
    private static readonly SourceDocument[] Documents = [DocumentIndexerTests.Document("a", 120), DocumentIndexerTests.Document("b", 3), DocumentIndexerTests.Document("c", 130)];

    private readonly GoingHandler _server = new(new FakeQdrant());
    private readonly CountingGenerator _generator = new();
    private readonly HttpClient _client;

    public QdrantRestartTests() => _client = new(_server);

    public void Dispose()
    {
        _client.Dispose();
        _generator.Dispose();
    }

    private QdrantVectorStore Store(int retries) => new(_client, new() { Endpoint = new("http://fake:6333/"), Retries = retries });

    private DocumentIndexer Indexer(IVectorCollection collection) => new(_generator, collection, new() { ChunksPerCall = ChunksPerCall, Chunking = new() { MaxCharacters = 20 } });

    // Whether the last batch was applied before the connection broke, nobody could tell.
    [Theory, InlineData(true), InlineData(false)]
    public async Task An_ingestion_whose_server_went_is_an_error_and_goes_on_after_the_restart(bool isApplied)
    {
        using QdrantVectorStore store = Store(retries: 0);
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        (_server.WritesLeft, _server.AppliesLast) = (3, isApplied);

        VectorStoreException error = await Assert.ThrowsAsync<VectorStoreException>(() => Indexer(docs).IndexAsync(Documents));
        Assert.Contains("fake:6333", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<VectorStoreException>(() => docs.CountAsync());
        _server.Restart();

        int stored = ChunksPerCall * (isApplied ? 4 : 3);
        Assert.Equal(stored, await docs.CountAsync());
        Assert.Equal(120 + 3 + 130 - stored, (await Indexer(docs).IndexAsync(Documents)).ChunksEmbedded);
        await DocumentIndexerTests.AssertHoldsAsync(docs, 20, Documents);
        Assert.Equal(new(0, 0, 3, 0, 0), await Indexer(docs).IndexAsync(Documents));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task An_ingestion_goes_on_by_itself_when_the_server_restarts_meanwhile(bool isApplied)
    {
        using QdrantVectorStore store = Store(retries: 3);
        IVectorCollection docs = await store.GetOrCreateCollectionAsync("docs", Definition);
        (_server.WritesLeft, _server.AppliesLast, _server.RefusedBeforeRestart) = (2, isApplied, 2);

        Assert.Equal(new(3, 0, 0, 0, 253), await Indexer(docs).IndexAsync(Documents));

        Assert.Equal(0, _server.RefusedBeforeRestart);
        Assert.Equal(253, _generator.Calls.Sum());
        await DocumentIndexerTests.AssertHoldsAsync(docs, 20, Documents);
    }

    private sealed class GoingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private bool _isGone;

        /// <summary>Writes of points that are answered before the server goes during the next.</summary>
        public int WritesLeft { get; set; } = int.MaxValue;

        /// <summary>Whether that next one is applied.</summary>
        public bool AppliesLast { get; set; }

        /// <summary>Calls that are refused before the server is there again.</summary>
        public int RefusedBeforeRestart { get; set; } = int.MaxValue;

        public void Restart() => (_isGone, WritesLeft) = (false, int.MaxValue);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_isGone)
            {
                if (--RefusedBeforeRestart == 0)
                    Restart();
                throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
            }

            bool goes = request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.EndsWith("/points", StringComparison.Ordinal) && WritesLeft-- == 0;
            if (!goes)
                return await base.SendAsync(request, cancellationToken);
            _isGone = true;
            if (AppliesLast)
                (await base.SendAsync(request, cancellationToken)).Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely.");
        }
    }
}
