namespace Polymodal.VectorStore.Tests;

public sealed class MemoryVectorStoreTests : VectorStoreContract
{
    protected override Task<IVectorStore> OpenAsync() => Task.FromResult<IVectorStore>(new MemoryVectorStore());
}
