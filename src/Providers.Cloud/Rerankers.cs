using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>The rerankers of the services. Sources: docs.cohere.com (v2 rerank), api.jina.ai (rerank), docs.voyageai.com (reranker), and tei.json of Text Embeddings Inference 1.9.3.</summary>
    internal static class Rerankers
    {
        public static RerankApi Cohere { get; } = new RerankApi<RerankRequest, RerankAnswer>
        {
            Service = Cloud.Cohere.Service,
            DefaultModel = "rerank-v3.5",
            MaxDocuments = 1_000,
            Path = "v2/rerank",
            ToRequest = batch => new(batch.Model, batch.Query, batch.Documents, null, null),
            ToScores = Results,
            Usage = answer => new(null, answer.Value.Meta?.BilledUnits?.SearchUnits is { } units ? [new("search_units", (long)units)] : null),
            Wire = RerankWire.Default,
        };

        public static RerankApi Jina { get; } = new RerankApi<RerankRequest, RerankAnswer>
        {
            Service = Cloud.Jina.Service,
            DefaultModel = "jina-reranker-v2-base-multilingual",
            MaxDocuments = 500,
            Path = "rerank",
            ToRequest = batch => new(batch.Model, batch.Query, batch.Documents, false, null),
            ToScores = Results,
            Usage = answer => new(answer.Value.Usage?.TotalTokens),
            Wire = RerankWire.Default,
        };

        public static RerankApi Voyage { get; } = new RerankApi<RerankRequest, RerankAnswer>
        {
            Service = Cloud.Voyage.Service,
            DefaultModel = "rerank-2.5",
            MaxDocuments = 1_000,
            Path = "rerank",
            ToRequest = batch => new(batch.Model, batch.Query, batch.Documents, null, batch.Cuts),
            ToScores = answer => answer.Data?.Select(item => new RerankScore(item.Index, item.RelevanceScore)),
            Usage = answer => new(answer.Value.Usage?.TotalTokens),
            Wire = RerankWire.Default,
        };

        public static RerankApi TextEmbeddingsInference { get; } = new RerankApi<TeiRerankRequest, List<TeiRank>>
        {
            Service = Cloud.TextEmbeddingsInference.Service,
            DefaultModel = "served-model",
            MaxDocuments = 32,
            Path = "rerank",
            ToRequest = batch => new(batch.Query, batch.Documents, batch.Cuts, false),
            ToScores = answer => answer.Select(item => new RerankScore(item.Index, item.Score)),
            Usage = answer => new(answer.NumberIn("x-compute-tokens")),
            Wire = RerankWire.Default,
        };

        private static IEnumerable<RerankScore>? Results(RerankAnswer answer) => answer.Results?.Select(item => new RerankScore(item.Index, item.RelevanceScore));
    }

    internal sealed record RerankRequest(string Model, string Query, IReadOnlyList<string> Documents, bool? ReturnDocuments, bool? Truncation);
    internal sealed record RerankAnswer(IReadOnlyList<RerankItem>? Results, IReadOnlyList<RerankItem>? Data, JinaUsage? Usage, CohereMeta? Meta);
    internal sealed record RerankItem(int Index, float RelevanceScore);
    internal sealed record TeiRerankRequest(string Query, IReadOnlyList<string> Texts, bool Truncate, bool RawScores);
    internal sealed record TeiRank(int Index, float Score);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(RerankRequest)), JsonSerializable(typeof(RerankAnswer)), JsonSerializable(typeof(TeiRerankRequest)), JsonSerializable(typeof(List<TeiRank>))]
    internal sealed partial class RerankWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers rerankers of services.</summary>
    public static class RerankerServiceCollectionExtensions
    {
        /// <summary>Registers Cohere's reranker as a singleton <see cref="Polymodal.IReranker"/>, with the service key <c>cohere</c> and without a key.</summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used.</exception>
        public static IServiceCollection AddCohereReranker(this IServiceCollection services, Action<CloudOptions>? configure = null) => CloudReranker.Add(services, Rerankers.Cohere, configure);

        /// <summary>Registers Jina's reranker as a singleton <see cref="Polymodal.IReranker"/>, with the service key <c>jina</c> and without a key.</summary>
        /// <inheritdoc cref="AddCohereReranker"/>
        public static IServiceCollection AddJinaReranker(this IServiceCollection services, Action<CloudOptions>? configure = null) => CloudReranker.Add(services, Rerankers.Jina, configure);

        /// <summary>Registers Voyage AI's reranker as a singleton <see cref="Polymodal.IReranker"/>, with the service key <c>voyage</c> and without a key.</summary>
        /// <inheritdoc cref="AddCohereReranker"/>
        public static IServiceCollection AddVoyageReranker(this IServiceCollection services, Action<CloudOptions>? configure = null) => CloudReranker.Add(services, Rerankers.Voyage, configure);

        /// <summary>Registers the reranker of a Text Embeddings Inference server as a singleton <see cref="Polymodal.IReranker"/>, with the service key <c>tei</c> and without a key. Set the address.</summary>
        /// <inheritdoc cref="AddCohereReranker"/>
        public static IServiceCollection AddTextEmbeddingsInferenceReranker(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            CloudReranker.Add(services, Rerankers.TextEmbeddingsInference, configure);
    }
}
