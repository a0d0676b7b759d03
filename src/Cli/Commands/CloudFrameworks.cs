using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Cloud;

namespace Polymodal.Cli.Commands;

/// <summary>The services that this program offers. Keys and addresses come from the environment.</summary>
internal static class CloudFrameworks
{
    /// <summary>Registers all of them.</summary>
    /// <param name="services">The container.</param>
    /// <param name="chosen">The framework chosen.</param>
    /// <param name="model">The model chosen; it reaches that framework only.</param>
    public static IServiceCollection AddCloudFrameworks(this IServiceCollection services, string? chosen, string? model)
    {
        Action<CloudOptions> For(string name) => options => options.Model = chosen == name ? model : null;
        return services
            .AddOpenAITextEmbeddings(For("openai")).AddOpenAIImageEmbeddings().AddOpenAIAudioEmbeddings()
            .AddGeminiTextEmbeddings(For("gemini")).AddGeminiImageEmbeddings().AddGeminiAudioEmbeddings().AddGeminiVideoEmbeddings()
            .AddCohereTextEmbeddings(For("cohere")).AddCohereImageEmbeddings()
            .AddJinaTextEmbeddings(For("jina")).AddJinaImageEmbeddings().AddJinaAudioEmbeddings().AddJinaVideoEmbeddings()
            .AddNvidiaTextEmbeddings(For("nvidia")).AddNvidiaImageEmbeddings()
            .AddHuggingFaceInferenceTextEmbeddings(For("huggingface-inference")).AddTextEmbeddingsInferenceTextEmbeddings(For("tei"))
            .AddVoyageTextEmbeddings(For("voyage")).AddVoyageImageEmbeddings().AddVoyageVideoEmbeddings()
            .AddMistralTextEmbeddings(For("mistral")).AddOllamaTextEmbeddings(For("ollama"))
            .AddAzureOpenAITextEmbeddings(For("azure-openai")).AddOpenAICompatibleTextEmbeddings(For("openai-compatible"))
            .AddBedrockTextEmbeddings(For("bedrock")).AddBedrockImageEmbeddings().AddBedrockAudioEmbeddings().AddBedrockVideoEmbeddings()
            .AddAzureVisionTextEmbeddings(For("azure-vision")).AddAzureVisionImageEmbeddings()
            .AddVertexTextEmbeddings(For("vertex")).AddVertexImageEmbeddings().AddVertexAudioEmbeddings().AddVertexVideoEmbeddings();
    }
}
