using System.Text.Json;
using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Cohere's v2 embeddings. <c>embed-v4.0</c> has one space for text and pictures. Source: cohere-ai/cohere-developer-experience, cohere-openapi.yaml of 2026-08-20, read 2026-11-22.
    /// </summary>
    public static class Cohere
    {
        private static readonly Dictionary<EmbeddingIntent, string> InputTypes = new()
        {
            [EmbeddingIntent.Query] = "search_query",
            [EmbeddingIntent.Document] = "search_document",
            [EmbeddingIntent.Classification] = "classification",
            [EmbeddingIntent.Clustering] = "clustering",
        };

        /// <summary>Text and pictures in one space; 1,536 dimensions, or 256, 512, 1,024.</summary>
        public static CloudModel EmbedV4 { get; } = new("embed-v4.0")
        {
            Dimensions = 1536,
            DimensionChoices = [256, 512, 1024],
            MaxTokens = 128_000,
            MaxInputsPerRequest = 96,
            MaxMediaPerRequest = 96,
            MediaTypes = ["text/*", "image/png", "image/jpeg", "image/webp", "image/gif"],
            Tasks = InputTypes,
            DefaultTask = "search_document",
            Encodings = [CloudEncoding.Float, CloudEncoding.Base64, CloudEncoding.Int8, CloudEncoding.Binary],
            HasTruncationField = true,
        };

        /// <summary>English text, or pictures one a request; 1,024 dimensions.</summary>
        public static CloudModel EmbedEnglishV3 { get; } = EmbedV4 with { Id = "embed-english-v3.0", Dimensions = 1024, DimensionChoices = [], MaxTokens = 512, MaxMediaPerRequest = 1 };

        /// <summary>Text of about a hundred languages, or pictures one a request; 1,024 dimensions.</summary>
        public static CloudModel EmbedMultilingualV3 { get; } = EmbedEnglishV3 with { Id = "embed-multilingual-v3.0" };

        /// <summary>The small model for English; 384 dimensions.</summary>
        public static CloudModel EmbedEnglishLightV3 { get; } = EmbedEnglishV3 with { Id = "embed-english-light-v3.0", Dimensions = 384 };

        /// <summary>The small model for about a hundred languages; 384 dimensions.</summary>
        public static CloudModel EmbedMultilingualLightV3 { get; } = EmbedEnglishV3 with { Id = "embed-multilingual-light-v3.0", Dimensions = 384 };

        internal static CloudService Service { get; } = new()
        {
            Name = "cohere",
            DisplayName = "Cohere",
            Endpoint = "https://api.cohere.com",
            EndpointVariables = ["CO_API_URL"],
            KeyVariables = ["CO_API_KEY", "COHERE_API_KEY"],
            ProbePath = "v1/models?page_size=1",
            AlsoRetry = [409],
            IsTooMany = error => (int)error.Status == 413 || ((int)error.Status == 400 && error.Says("total number of texts", "too many")),
            IsFinal = error => error.Says("month", "trial"),
        };

        internal static CloudApi Api { get; } = new CloudApi<CohereRequest, CohereAnswer>
        {
            Service = Service,
            Models = [EmbedV4, EmbedEnglishV3, EmbedMultilingualV3, EmbedEnglishLightV3, EmbedMultilingualLightV3],
            OtherModel = EmbedV4 with { Dimensions = null, DimensionChoices = [], MinDimensions = 1 },
            Path = _ => "v2/embed",
            ToRequest = batch => CohereRequest.Of(batch, batch.Model.Id),
            ToVectors = answer => answer.Embeddings?.Vectors,
            Usage = answer => answer.Value.Meta?.BilledUnits is { } billed ? new((long?)(billed.InputTokens ?? billed.ImageTokens), Units(billed)) : default,
            Wire = CohereWire.Default,
        };

        private static IEnumerable<KeyValuePair<string, long>> Units(CohereBilled billed)
        {
            if (billed.ImageTokens is { } tokens)
                yield return new("image_tokens", (long)tokens);
            if (billed.Images is { } images)
                yield return new("images", (long)images);
        }
    }

    internal sealed record CohereRequest(
        string? Model, string InputType, IReadOnlyList<string>? Texts, IReadOnlyList<string>? Images, int? OutputDimension, IReadOnlyList<string> EmbeddingTypes, string? Truncate)
    {
        /// <summary>The request for a batch. Pictures have an input type of their own.</summary>
        public static CohereRequest Of(CloudBatch batch, string? model) => new(
            model, batch.IsMedia ? "image" : batch.Task!, batch.IsMedia ? null : batch.Texts, batch.IsMedia ? [.. batch.Inputs.Select(input => input.DataUri)] : null,
            batch.Dimensions, [TypeName(batch.Encoding)], batch.IsMedia ? null : batch.Cuts ? "END" : "NONE");

        private static string TypeName(CloudEncoding encoding) => encoding == CloudEncoding.Binary ? "ubinary" : encoding.ToString().ToLowerInvariant();
    }

    internal sealed record CohereAnswer(CohereVectors? Embeddings, CohereMeta? Meta);
    internal sealed record CohereMeta(CohereBilled? BilledUnits);
    internal sealed record CohereBilled(double? InputTokens, double? ImageTokens, double? Images, double? SearchUnits);

    /// <summary>The vectors: one list under the name of its type, or, from older models, the list alone.</summary>
    [JsonConverter(typeof(CohereVectorsJsonConverter))]
    internal sealed record CohereVectors(IReadOnlyList<float[]>? Lists)
    {
        public IEnumerable<IndexedVector>? Vectors => Lists?.Select(vector => new IndexedVector(null, vector));
    }

    internal sealed class CohereVectorsJsonConverter : JsonConverter<CohereVectors>
    {
        private static readonly VectorListJsonConverter List = new();

        public override CohereVectors Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.StartArray)
                return new(List.Read(ref reader, typeof(IReadOnlyList<float[]>), options));
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("embeddings are neither an object nor an array");
            IReadOnlyList<float[]>? lists = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool known = reader.ValueTextEquals("float"u8) || reader.ValueTextEquals("base64"u8) || reader.ValueTextEquals("int8"u8) || reader.ValueTextEquals("ubinary"u8);
                reader.Read();
                if (known && reader.TokenType == JsonTokenType.StartArray)
                    lists = List.Read(ref reader, typeof(IReadOnlyList<float[]>), options);
                else
                    reader.Skip();
            }

            return new(lists);
        }

        public override void Write(Utf8JsonWriter writer, CohereVectors value, JsonSerializerOptions options) => throw new NotSupportedException("Vectors are only read.");
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(CohereRequest)), JsonSerializable(typeof(CohereAnswer))]
    internal sealed partial class CohereWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Cohere.</summary>
    public static class CohereServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Cohere embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>cohere</c>. The API key is taken from the options, or from <c>CO_API_KEY</c> or <c>COHERE_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddCohereTextEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Cohere.Api, Polymodal.EmbeddingModality.Text, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddCohereTextEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Cohere.Api, Polymodal.EmbeddingModality.Text, key, configure);

        /// <summary>
        /// Registers Cohere embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>cohere-image</c>. The API key is taken from the options, or from <c>CO_API_KEY</c> or <c>COHERE_API_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddCohereImageEmbeddings(this IServiceCollection services, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Cohere.Api, Polymodal.EmbeddingModality.Image, null, configure);

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddCohereImageEmbeddings(this IServiceCollection services, string key, Action<CloudOptions>? configure = null) =>
            services.AddCloudEmbeddings(Cohere.Api, Polymodal.EmbeddingModality.Image, key, configure);
    }
}
