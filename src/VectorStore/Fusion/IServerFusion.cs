using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore;

/// <summary>A collection whose server can fuse both rankings itself, approximately.</summary>
internal interface IServerFusion
{
    /// <summary>Fuses by ranks; null when the server cannot do what is asked.</summary>
    Task<VectorSearchResult?> SearchFusedAsync(Embedding<float> query, string text, HybridFusion fusion, VectorSearchOptions options, CancellationToken cancellationToken);
}
