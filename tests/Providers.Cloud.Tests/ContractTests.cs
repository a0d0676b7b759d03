using System.Text.Json;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>How the requests and answers of services look.</summary>
internal static class Shapes
{
    public static IEnumerable<string?> Input(JsonElement request) => request.GetProperty("input").EnumerateArray().Select(item => item.GetString());

    public static IEnumerable<string?> Inputs(JsonElement request) => request.GetProperty("inputs").EnumerateArray().Select(item => item.GetString());

    /// <summary>OpenAI's answer, last vector first: the index counts.</summary>
    public static string Data(IReadOnlyList<float[]> vectors) =>
        $$$"""{"data":[{{{string.Join(",", vectors.Select((vector, i) => $$"""{"index":{{i}},"embedding":{{Numbers(vector)}} }""").Reverse())}}}],"usage":{"prompt_tokens":{{{vectors.Count}}},"total_tokens":{{{vectors.Count}}}}}""";

    public static string List(IReadOnlyList<float[]> vectors) => $"[{string.Join(",", vectors.Select(Numbers))}]";

    // 1e39 is a number in JSON, but no float.
    public static string Numbers(float[] vector) => $"[{string.Join(",", vector.Select(number => float.IsFinite(number) ? number.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "1e39"))}]";
}

public sealed class OpenAITests() : CloudContractTests("openai", Shapes.Input, Shapes.Data);

public sealed class CohereTests() : CloudContractTests(
    "cohere", request => request.GetProperty("texts").EnumerateArray().Select(item => item.GetString()), vectors => $$"""{"embeddings":{"float":{{Shapes.List(vectors)}} },"meta":null}""");

public sealed class JinaTests() : CloudContractTests("jina", request => request.GetProperty("input").EnumerateArray().Select(item => item.GetProperty("text").GetString()), Shapes.Data);

public sealed class NvidiaTests() : CloudContractTests("nvidia", Shapes.Input, Shapes.Data);

public sealed class GeminiTests() : CloudContractTests(
    "gemini", request => request.GetProperty("requests").EnumerateArray().Select(item => item.GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString()),
    vectors => $$"""{"embeddings":[{{string.Join(",", vectors.Select(vector => $$"""{"values":{{Shapes.Numbers(vector)}} }"""))}}]}""");

public sealed class AzureOpenAITests() : CloudContractTests("azure-openai", Shapes.Input, Shapes.Data);

public sealed class OpenAICompatibleTests() : CloudContractTests("openai-compatible", Shapes.Input, Shapes.Data);

public sealed class MistralTests() : CloudContractTests("mistral", Shapes.Input, Shapes.Data);

public sealed class VoyageTests() : CloudContractTests("voyage", Shapes.Input, Shapes.Data);

public sealed class OllamaTests() : CloudContractTests("ollama", Shapes.Input, vectors => $$"""{"embeddings":{{Shapes.List(vectors)}} }""");

public sealed class TextEmbeddingsInferenceTests() : CloudContractTests("tei", Shapes.Inputs, Shapes.List);

public sealed class HuggingFaceInferenceTests() : CloudContractTests("huggingface-inference", Shapes.Inputs, Shapes.List);

public sealed class AzureVisionTests() : SingleInputContractTests("azure-vision", request => [request.GetProperty("text").GetString()], vector => $$"""{"modelVersion":"x","vector":{{vector}} }""");

public sealed class BedrockTitanTests() : SingleInputContractTests("bedrock", request => [request.GetProperty("inputText").GetString()], vector => $$"""{"embedding":{{vector}},"inputTextTokenCount":5,"message":null}""");

public sealed class VertexTests() : SingleInputContractTests(
    "vertex", request => [request.GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString()], vector => $$"""{"embedding":{"values":{{vector}} },"truncated":false}""");

/// <summary>Services that take one input a request: too few and too many vectors come as none and as a second one beside, which their answers cannot hold.</summary>
public abstract class SingleInputContractTests(string framework, Func<JsonElement, IEnumerable<string?>> texts, Func<string, string> answer)
    : CloudContractTests(framework, texts, vectors => vectors.Count == 1 ? answer(Shapes.Numbers(vectors[0])) : answer("null"));
