using System.Text.Json.Serialization;
using Polymodal.Providers.Cloud;

namespace Polymodal.Providers.Cloud
{
    /// <summary>
    /// Embedding models at Amazon Bedrock. Each family has its own request; it is chosen by the model's name, with or without a prefix such as <c>us.</c> Requests carry a Bedrock key, or are signed
    /// (Signature Version 4) with <see cref="BedrockOptions.AccessKeyId"/>. Source: the guides of Titan and Nova embeddings, and vercel/ai's amazon-bedrock, read 2026-11-22.
    /// </summary>
    public static class Bedrock
    {
        private static readonly Dictionary<EmbeddingIntent, string> Purposes = new()
        {
            [EmbeddingIntent.Query] = "GENERIC_RETRIEVAL",
            [EmbeddingIntent.Document] = "GENERIC_INDEX",
            [EmbeddingIntent.Classification] = "CLASSIFICATION",
            [EmbeddingIntent.Clustering] = "CLUSTERING",
        };

        /// <summary>Titan, text; 1,024 dimensions, or 256, 512. One text a request.</summary>
        public static CloudModel TitanTextV2 { get; } = new("amazon.titan-embed-text-v2:0") { Dimensions = 1024, DimensionChoices = [256, 512], MaxTokens = 8_192, MaxInputsPerRequest = 1 };

        /// <summary>Titan, English text and pictures in one space; 1,024 dimensions, or 256, 384. One input a request.</summary>
        public static CloudModel TitanImageV1 { get; } = new("amazon.titan-embed-image-v1")
        {
            Dimensions = 1024,
            DimensionChoices = [256, 384],
            MaxTokens = 256,
            MaxInputsPerRequest = 1,
            MediaTypes = ["text/*", "image/png", "image/jpeg"],
        };

        /// <summary>Nova: text, pictures, sound and films of up to 30 s in one space; 3,072 dimensions, or 256, 384, 1,024. One input a request.</summary>
        public static CloudModel Nova2 { get; } = new("amazon.nova-2-multimodal-embeddings-v1:0")
        {
            Dimensions = 3072,
            DimensionChoices = [256, 384, 1024],
            MaxTokens = 8_192,
            MaxInputsPerRequest = 1,
            MediaTypes = ["text/*", "image/png", "image/jpeg", "image/gif", "image/webp", "audio/mpeg", "audio/mp3", "audio/wav", "audio/ogg", "video/mp4", "video/quicktime", "video/webm"],
            Tasks = Purposes,
            DefaultTask = "GENERIC_INDEX",
            HasTruncationField = true,
        };

        /// <summary>Cohere's embed-v4 at Bedrock.</summary>
        public static CloudModel CohereEmbedV4 { get; } = Cohere.EmbedV4 with { Id = "cohere.embed-v4:0", MaxMediaPerRequest = 1, Encodings = [CloudEncoding.Float] };

        internal static CloudService Service { get; } = new()
        {
            Name = "bedrock",
            DisplayName = "Amazon Bedrock",
            EndpointVariables = ["AWS_REGION", "AWS_DEFAULT_REGION"],
            CompleteEndpoint = region => region.Contains("://", StringComparison.Ordinal) ? region : $"https://bedrock-runtime.{region}.amazonaws.com",
            KeyVariables = ["AWS_BEARER_TOKEN_BEDROCK"],
            Signing = options => AwsCredentials.Of(options) is { } credentials ? new AwsSignatureHandler(credentials, "bedrock", options.Time) : null,
            SigningDetection = options => AwsCredentials.Of(options) is null
                ? FrameworkAvailability.Missing("neither AWS_BEARER_TOKEN_BEDROCK nor AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set. Set one of them, or the options.")
                : FrameworkAvailability.Found("with signed requests"),
            AlsoRetry = [424],
        };

        internal static CloudApi TitanApi { get; } = new CloudApi<TitanRequest, TitanAnswer>
        {
            Service = Service,
            Models = [TitanTextV2, TitanImageV1],
            OtherModel = TitanTextV2,
            Path = Path,
            ToRequest = batch => batch.Model.Takes(EmbeddingModality.Image)
                ? new(batch.Single.Text, batch.Single.Base64, batch.Dimensions is { } length ? new(length) : null, null, null)
                : new(batch.Single.Text, null, null, batch.Dimensions, batch.Normalize),
            ToVectors = answer => [new(null, answer.Embedding)],
            Usage = Usage<TitanAnswer>(answer => answer.InputTextTokenCount),
            HiddenError = answer => string.IsNullOrEmpty(answer.Message) ? null : answer.Message,
            Wire = BedrockWire.Default,
        };

        internal static CloudApi NovaApi { get; } = new CloudApi<NovaRequest, NovaAnswer>
        {
            Service = Service,
            Models = [Nova2],
            OtherModel = Nova2,
            Path = Path,
            ToRequest = batch => new("nova-multimodal-embed-v1", "SINGLE_EMBEDDING", NovaParameters.Of(batch)),
            ToVectors = answer => answer.Embeddings?.Select(item => new IndexedVector(null, item.Embedding)),
            Usage = Usage<NovaAnswer>(answer => answer.InputTokenCount),
            Wire = BedrockWire.Default,
        };

        internal static CloudApi CohereApi { get; } = new CloudApi<CohereRequest, CohereAnswer>
        {
            Service = Service,
            Models = [CohereEmbedV4],
            OtherModel = CohereEmbedV4 with { Dimensions = null, DimensionChoices = [], MinDimensions = 1 },
            Path = Path,
            ToRequest = batch => CohereRequest.Of(batch, null),
            ToVectors = answer => answer.Embeddings?.Vectors,
            Usage = Usage<CohereAnswer>(_ => null),
            Wire = CohereWire.Default,
        };

        /// <summary>The interface of a model's family.</summary>
        internal static CloudApi ForModel(string? model) => model is null || model.Contains("titan-embed", StringComparison.Ordinal) ? TitanApi
            : model.Contains("nova-", StringComparison.Ordinal) ? NovaApi
            : model.Contains("cohere.embed", StringComparison.Ordinal) ? CohereApi
            : throw new ArgumentException($"'{model}' is of no family that is known at Bedrock: titan-embed, nova, cohere.embed. Choose one of these.", nameof(model));

        /// <summary>The options with the address of their region.</summary>
        internal static Action<BedrockOptions> InRegion(Action<BedrockOptions>? configure) => options =>
        {
            configure?.Invoke(options);
            if (options.Region is { } region)
                options.Endpoint ??= new Uri(Service.CompleteEndpoint!(region));
        };

        private static string Path(CloudBatch batch) => $"model/{Uri.EscapeDataString(batch.Model.Id)}/invoke";

        private static Func<CloudAnswer<T>, CloudUsage> Usage<T>(Func<T, long?> inBody) => answer => new(inBody(answer.Value) ?? answer.NumberIn("x-amzn-bedrock-input-token-count"));
    }

    /// <summary>How Bedrock is called. What is not set is read from the <c>AWS_…</c> variables.</summary>
    public sealed class BedrockOptions : CloudOptions
    {
        /// <summary>The region, e.g. <c>us-east-1</c>. Default null: <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c>.</summary>
        public string? Region { get; set; }

        /// <summary>Name of the access key that signs requests. Default null: <c>AWS_ACCESS_KEY_ID</c>.</summary>
        public string? AccessKeyId { get; set; }

        /// <summary>The access key's secret. Default null: <c>AWS_SECRET_ACCESS_KEY</c>.</summary>
        public string? SecretAccessKey { get; set; }

        /// <summary>The session's token, for temporary keys. Default null: <c>AWS_SESSION_TOKEN</c>.</summary>
        public string? SessionToken { get; set; }
    }

    internal sealed record TitanRequest(string? InputText, string? InputImage, TitanConfig? EmbeddingConfig, int? Dimensions, bool? Normalize);
    internal sealed record TitanConfig(int OutputEmbeddingLength);
    internal sealed record TitanAnswer([property: JsonConverter(typeof(VectorJsonConverter))] float[]? Embedding, long? InputTextTokenCount, string? Message);
    internal sealed record NovaRequest(string SchemaVersion, string TaskType, NovaParameters SingleEmbeddingParams);
    internal sealed record NovaText(string TruncationMode, string Value);
    internal sealed record NovaMedia(string Format, string? DetailLevel, string? EmbeddingMode, NovaSource Source);
    internal sealed record NovaSource(string Bytes);
    internal sealed record NovaAnswer(IReadOnlyList<NovaVector>? Embeddings, long? InputTokenCount);
    internal sealed record NovaVector([property: JsonConverter(typeof(VectorJsonConverter))] float[]? Embedding);

    internal sealed record NovaParameters(string EmbeddingPurpose, int? EmbeddingDimension, NovaText? Text, NovaMedia? Image, NovaMedia? Audio, NovaMedia? Video)
    {
        private static readonly Dictionary<string, string> Formats = new() { ["mpeg"] = "mp3", ["quicktime"] = "mov" };

        public static NovaParameters Of(CloudBatch batch)
        {
            CloudInput input = batch.Single;
            if (input.Text is { } text)
                return new(batch.Task!, batch.Dimensions, new(batch.Cuts ? "END" : "NONE", text), null, null, null);
            string[] type = input.MediaType.Split('/');
            bool isImage = type[0] == "image", isVideo = type[0] == "video";
            var media = new NovaMedia(
                Formats.GetValueOrDefault(type[1], type[1]), isImage ? "STANDARD_IMAGE" : null, isVideo ? "AUDIO_VIDEO_COMBINED" : null, new(input.Base64!));
            return new(batch.Task!, batch.Dimensions, null, isImage ? media : null, !isImage && !isVideo ? media : null, isVideo ? media : null);
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(TitanRequest)), JsonSerializable(typeof(TitanAnswer)), JsonSerializable(typeof(NovaRequest)), JsonSerializable(typeof(NovaAnswer))]
    internal sealed partial class BedrockWire : JsonSerializerContext;
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers Amazon Bedrock.</summary>
    public static class BedrockServiceCollectionExtensions
    {
        /// <summary>
        /// Registers Amazon Bedrock embeddings of text as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key
        /// <c>bedrock</c>. The region is taken from the options or from <c>AWS_REGION</c>; keys from the options, from <c>AWS_BEARER_TOKEN_BEDROCK</c>, or from <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddBedrockTextEmbeddings(this IServiceCollection services, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(Bedrock.ForModel, Polymodal.EmbeddingModality.Text, null, Bedrock.InRegion(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddBedrockTextEmbeddings(this IServiceCollection services, string key, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(Bedrock.ForModel, Polymodal.EmbeddingModality.Text, key, Bedrock.InRegion(configure));

        /// <summary>
        /// Registers Amazon Bedrock embeddings of pictures as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>bedrock-image</c>. The region is taken from the options or from <c>AWS_REGION</c>; keys from the options, from <c>AWS_BEARER_TOKEN_BEDROCK</c>, or from <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddBedrockImageEmbeddings(this IServiceCollection services, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(model => Bedrock.ForModel(model ?? Bedrock.TitanImageV1.Id), Polymodal.EmbeddingModality.Image, null, Bedrock.InRegion(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddBedrockImageEmbeddings(this IServiceCollection services, string key, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(model => Bedrock.ForModel(model ?? Bedrock.TitanImageV1.Id), Polymodal.EmbeddingModality.Image, key, Bedrock.InRegion(configure));

        /// <summary>
        /// Registers Amazon Bedrock embeddings of sound as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>bedrock-audio</c>. The region is taken from the options or from <c>AWS_REGION</c>; keys from the options, from <c>AWS_BEARER_TOKEN_BEDROCK</c>, or from <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddBedrockAudioEmbeddings(this IServiceCollection services, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(model => Bedrock.ForModel(model ?? Bedrock.Nova2.Id), Polymodal.EmbeddingModality.Audio, null, Bedrock.InRegion(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddBedrockAudioEmbeddings(this IServiceCollection services, string key, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(model => Bedrock.ForModel(model ?? Bedrock.Nova2.Id), Polymodal.EmbeddingModality.Audio, key, Bedrock.InRegion(configure));

        /// <summary>
        /// Registers Amazon Bedrock embeddings of films as a singleton <see cref="Microsoft.Extensions.AI.IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="Microsoft.Extensions.AI.DataContent"/>, with the service key
        /// <c>bedrock-video</c>. The region is taken from the options or from <c>AWS_REGION</c>; keys from the options, from <c>AWS_BEARER_TOKEN_BEDROCK</c>, or from <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>.
        /// </summary>
        /// <param name="services">The container.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the framework is registered already; use the overload with a key for a second model.</exception>
        public static IServiceCollection AddBedrockVideoEmbeddings(this IServiceCollection services, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(model => Bedrock.ForModel(model ?? Bedrock.Nova2.Id), Polymodal.EmbeddingModality.Video, null, Bedrock.InRegion(configure));

        /// <summary>Registers one of several models side by side, with a service key of its own.</summary>
        /// <param name="services">The container.</param>
        /// <param name="key">The service key; it is also the framework's name in lists.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <returns><paramref name="services"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
        /// <exception cref="ArgumentException">An option cannot be used, or the key is taken.</exception>
        public static IServiceCollection AddBedrockVideoEmbeddings(this IServiceCollection services, string key, Action<BedrockOptions>? configure = null) =>
            services.AddCloudEmbeddings(model => Bedrock.ForModel(model ?? Bedrock.Nova2.Id), Polymodal.EmbeddingModality.Video, key, Bedrock.InRegion(configure));
    }
}
