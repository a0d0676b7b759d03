using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>How a framework is registered, and the interface behind it.</summary>
/// <param name="Api">The interface of a model; null for the default one.</param>
/// <param name="Register">The public method.</param>
/// <param name="Prepare">What it needs besides a key.</param>
internal sealed record Registration(Func<string?, CloudApi> Api, Action<IServiceCollection, Action<CloudOptions>> Register, Action<CloudOptions>? Prepare = null)
{
    public Registration(CloudApi api, Action<IServiceCollection, Action<CloudOptions>> register, Action<CloudOptions>? prepare = null)
        : this(_ => api, register, prepare)
    {
    }
}

/// <summary>Every framework that the fixtures name.</summary>
internal static class Services
{
    public const string Key = "test-key-4711-secret";

    public static IReadOnlyDictionary<string, Registration> All { get; } = new Dictionary<string, Registration>
    {
        ["openai"] = new(OpenAI.Api, (services, options) => services.AddOpenAITextEmbeddings(options)),
        ["gemini"] = new(Gemini.Api, (services, options) => services.AddGeminiTextEmbeddings(options)),
        ["gemini-image"] = new(Gemini.Api, (services, options) => services.AddGeminiImageEmbeddings(options)),
        ["gemini-audio"] = new(Gemini.Api, (services, options) => services.AddGeminiAudioEmbeddings(options)),
        ["gemini-video"] = new(Gemini.Api, (services, options) => services.AddGeminiVideoEmbeddings(options)),
        ["cohere"] = new(Cohere.Api, (services, options) => services.AddCohereTextEmbeddings(options)),
        ["cohere-image"] = new(Cohere.Api, (services, options) => services.AddCohereImageEmbeddings(options)),
        ["jina"] = new(Jina.Api, (services, options) => services.AddJinaTextEmbeddings(options)),
        ["jina-image"] = new(Jina.Api, (services, options) => services.AddJinaImageEmbeddings(options)),
        ["jina-audio"] = new(Jina.Api, (services, options) => services.AddJinaAudioEmbeddings(options)),
        ["jina-video"] = new(Jina.Api, (services, options) => services.AddJinaVideoEmbeddings(options)),
        ["nvidia"] = new(Nvidia.Api, (services, options) => services.AddNvidiaTextEmbeddings(options)),
        ["nvidia-image"] = new(Nvidia.Api, (services, options) => services.AddNvidiaImageEmbeddings(options)),
        ["huggingface-inference"] = new(HuggingFaceInference.Api, (services, options) => services.AddHuggingFaceInferenceTextEmbeddings(options)),
        ["tei"] = new(TextEmbeddingsInference.Api, (services, options) => services.AddTextEmbeddingsInferenceTextEmbeddings(options), At("http://localhost:8080")),
        ["voyage"] = new(Voyage.ForText, (services, options) => services.AddVoyageTextEmbeddings(options)),
        ["voyage-image"] = new(Voyage.MultimodalApi, (services, options) => services.AddVoyageImageEmbeddings(options)),
        ["voyage-video"] = new(Voyage.MultimodalApi, (services, options) => services.AddVoyageVideoEmbeddings(options)),
        ["mistral"] = new(Mistral.Api, (services, options) => services.AddMistralTextEmbeddings(options)),
        ["ollama"] = new(Ollama.Api, (services, options) => services.AddOllamaTextEmbeddings(options)),
        ["azure-openai"] = new(AzureOpenAI.Api, (services, options) => services.AddAzureOpenAITextEmbeddings(options), At("https://res.openai.azure.com")),
        ["openai-compatible"] = new(OpenAICompatible.Api, (services, options) => services.AddOpenAICompatibleTextEmbeddings(options), At("http://localhost:8000/v1")),
        ["azure-vision"] = new(AzureVision.Api, (services, options) => services.AddAzureVisionTextEmbeddings(options), At("https://res.cognitiveservices.azure.com", null)),
        ["azure-vision-image"] = new(AzureVision.Api, (services, options) => services.AddAzureVisionImageEmbeddings(options), At("https://res.cognitiveservices.azure.com", null)),
        ["bedrock"] = new(Bedrock.ForModel, (services, options) => services.AddBedrockTextEmbeddings(options), At("https://bedrock-runtime.us-east-1.amazonaws.com", null)),
        ["bedrock-image"] = new(model => Bedrock.ForModel(model ?? Bedrock.TitanImageV1.Id), (services, options) => services.AddBedrockImageEmbeddings(options), At("https://bedrock-runtime.us-east-1.amazonaws.com", null)),
        ["bedrock-audio"] = new(_ => Bedrock.NovaApi, (services, options) => services.AddBedrockAudioEmbeddings(options), At("https://bedrock-runtime.us-east-1.amazonaws.com", null)),
        ["bedrock-video"] = new(_ => Bedrock.NovaApi, (services, options) => services.AddBedrockVideoEmbeddings(options), At("https://bedrock-runtime.us-east-1.amazonaws.com", null)),
        ["vertex"] = new(Vertex.ForModel, (services, options) => services.AddVertexTextEmbeddings(options), InProject),
        ["vertex-image"] = new(Vertex.ForModel, (services, options) => services.AddVertexImageEmbeddings(options), InProject),
        ["vertex-audio"] = new(Vertex.ForModel, (services, options) => services.AddVertexAudioEmbeddings(options), InProject),
        ["vertex-video"] = new(Vertex.ForModel, (services, options) => services.AddVertexVideoEmbeddings(options), InProject),
    };

    private static void InProject(CloudOptions options)
    {
        options.ApiKey = null;
        options.TokenProvider = _ => ValueTask.FromResult(Key);
        options.Endpoint = new Uri("https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google");
    }

    private static Action<CloudOptions> At(string endpoint, string? model = "served-model") => options => (options.Endpoint, options.Model) = (new Uri(endpoint), model);
}
