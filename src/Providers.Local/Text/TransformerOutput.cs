using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Text;

/// <summary>Which output of a graph is read, and whether it holds a vector a token or a vector a text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasTokens">Whether its shape is [batch, sequence, hidden]; else it is [batch, dimensions].</param>
/// <param name="Width">Length of a vector where the graph says so, else null.</param>
internal sealed record TransformerOutput(string Name, bool HasTokens, int? Width)
{
    // Known names, preferred first. Where the graph does not say how many axes an output has, the first two are tokens.
    private static readonly string[] TokenNames = ["last_hidden_state", "token_embeddings"];
    private static readonly string[] Known = [.. TokenNames, "sentence_embedding", "sentence_embeddings", "embeddings", "embedding", "text_embeds", "dense_vecs", Pooler];

    private const string Pooler = "pooler_output";

    /// <summary>Chooses the output to read.</summary>
    /// <param name="onnx">The graph.</param>
    /// <param name="prefersTokens">Whether tokens are read where the graph gives both; without, a finished vector is, unless it is only the pooler's.</param>
    /// <param name="isTower">Whether the graph is a tower, whose pooler's vector is its finished one.</param>
    /// <exception cref="NotSupportedException">The graph has none of the known outputs, or it holds no floating-point numbers.</exception>
    public static TransformerOutput Choose(OnnxModel onnx, bool prefersTokens, bool isTower = false)
    {
        TransformerOutput[] found =
        [
            .. Known.SelectMany(name => onnx.Outputs.Where(output => output.Name == name)).Where(port => port.Shape.Count is 0 or 2 or 3)
                .Select(port => new TransformerOutput(port.Name, port.Shape.Count == 0 ? TokenNames.Contains(port.Name) : port.Shape.Count == 3, port.Shape is [.., > 0 and var width] ? width : null)),
        ];
        TransformerOutput? tokens = found.FirstOrDefault(output => output.HasTokens), vectors = found.FirstOrDefault(output => !output.HasTokens);
        TransformerOutput chosen = (prefersTokens || vectors is null || (vectors.Name == Pooler && !isTower) ? tokens ?? vectors : vectors) ?? throw new NotSupportedException(
            $"{onnx.File}: the outputs are {string.Join(", ", onnx.Outputs.Select(output => $"'{output.Name}'"))}; supported: {string.Join(", ", Known)}. Export the model with one of these.");
        string type = onnx.Outputs.First(output => output.Name == chosen.Name).ElementType;
        return OnnxFloats.Types.Contains(type)
            ? chosen
            : throw new NotSupportedException($"{onnx.File}: output '{chosen.Name}' holds {type}; supported: {string.Join(", ", OnnxFloats.Types)}. Choose another weight file of the folder.");
    }

    /// <summary>The output with a vector a token, or null.</summary>
    public static string? Tokens(OnnxModel onnx) => onnx.Outputs.FirstOrDefault(port => TokenNames.Contains(port.Name) && port.Shape.Count == 3 && OnnxFloats.Types.Contains(port.ElementType))?.Name;

    /// <summary>The other outputs with a vector a text.</summary>
    public IEnumerable<string> Others(OnnxModel onnx) =>
        onnx.Outputs.Where(port => port.Name != Name && port.Shape.Count == 2 && OnnxFloats.Types.Contains(port.ElementType)).Select(port => port.Name);
}
