using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>An Ollama server, by default the one of this machine. Source: ollama/ollama v0.33.0-rc2, docs and server sources, read 2026-11-22.</summary>
    public static class Ollama
    {
        /// <summary>768 dimensions, or any fewer from 64 on; queries and documents carry prefixes.</summary>
        public static CloudModel NomicEmbedText { get; } = new("nomic-embed-text")
        {
            Dimensions = 768,
            MinDimensions = 64,
            MaxInputsPerRequest = 64,
            HasTruncationField = true,
            Prefixes = new Dictionary<EmbeddingIntent, string>
            {
                [EmbeddingIntent.Query] = "search_query: ",
                [EmbeddingIntent.Document] = "search_document: ",
                [EmbeddingIntent.Classification] = "classification: ",
                [EmbeddingIntent.Clustering] = "clustering: ",
            },
        };

        /// <summary>EmbeddingGemma; 768 dimensions, or any fewer from 128 on; told its task in the text.</summary>
        public static CloudModel EmbeddingGemma { get; } = NomicEmbedText with { Id = "embeddinggemma", MinDimensions = 128, Prefixes = Gemini.Embedding2.Prefixes };

        /// <summary>BGE-M3, about a hundred languages; 1,024 dimensions, no prefixes.</summary>
        public static CloudModel BgeM3 { get; } = NomicEmbedText with { Id = "bge-m3", Dimensions = 1024, MinDimensions = null, Prefixes = new Dictionary<EmbeddingIntent, string>() };

        internal static CloudService Service { get; } = new()
        {
            Name = "ollama",
            DisplayName = "Ollama",
            Endpoint = "http://localhost:11434",
            EndpointVariables = ["OLLAMA_HOST"],
            CompleteEndpoint = Complete,
            KeyVariables = ["OLLAMA_API_KEY"],
            NeedsKey = false,
            ProbePath = "api/version",
        };

        internal static CloudApi Api { get; } = new CloudApi<OllamaRequest, OllamaAnswer>
        {
            Service = Service,
            Models = [NomicEmbedText, EmbeddingGemma, BgeM3],
            OtherModel = BgeM3 with { Dimensions = null, MinDimensions = 1 },
            Path = _ => "api/embed",
            ToRequest = batch => new(batch.Model.Id, batch.Texts, batch.Cuts, batch.Dimensions),
            ToVectors = answer => answer.Embeddings?.Select(vector => new IndexedVector(null, vector)),
            Usage = answer => new(answer.Value.PromptEvalCount),
            Wire = OllamaWire.Default,
        };

        /// <summary><c>OLLAMA_HOST</c> may lack scheme and port, and may be the address that a server listens on.</summary>
        internal static string Complete(string host)
        {
            string address = host.Contains("://", StringComparison.Ordinal) ? host : $"http://{host}";
            if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
                return host;
            bool hasPort = uri.Authority.Contains(':', StringComparison.Ordinal) || host.Contains("://", StringComparison.Ordinal);
            return new UriBuilder(uri) { Port = hasPort ? uri.Port : 11434, Host = uri.Host is "0.0.0.0" ? "127.0.0.1" : uri.Host }.Uri.AbsoluteUri;
        }
    }

    internal sealed record OllamaRequest(string Model, IReadOnlyList<string> Input, bool Truncate, int? Dimensions);
    internal sealed record OllamaAnswer([property: JsonConverter(typeof(VectorListJsonConverter))] IReadOnlyList<float[]>? Embeddings, long? PromptEvalCount);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(OllamaRequest)), JsonSerializable(typeof(OllamaAnswer))]
    internal sealed partial class OllamaWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Ollama.</summary>
    public static class OllamaServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Ollama embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>ollama</c>. No key is needed; the address is taken from the options or from <c>OLLAMA_HOST</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddOllamaTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Ollama.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddOllamaTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Ollama.Api, Polymodal.EmbeddingModality.Text, key, configure);
    }
}
