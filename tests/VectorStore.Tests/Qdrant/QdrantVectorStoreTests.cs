namespace Polymodal.VectorStore.Tests.Qdrant;

/// <summary>The contract against the server that POLYMODAL_QDRANT names, or else against <see cref="FakeQdrant"/>.</summary>
public sealed class QdrantVectorStoreTests : VectorStoreContract, IDisposable
{
    private static readonly string? Named = Environment.GetEnvironmentVariable("POLYMODAL_QDRANT") is { Length: > 0 } named ? named : null;

    private readonly HttpClient _client = new(Named is null ? new FakeQdrant() : new SocketsHttpHandler());

    protected override Task<IVectorStore> OpenAsync() => Task.FromResult<IVectorStore>(new QdrantVectorStore(_client, new()
    {
        Endpoint = new(Named ?? "http://fake:6333"),
        ApiKey = Environment.GetEnvironmentVariable("POLYMODAL_QDRANT_KEY"),
        Prefix = $"test-{Guid.NewGuid():N}",
    }));

    public void Dispose() => _client.Dispose();
}
