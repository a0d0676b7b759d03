using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Images;

/// <summary>An output of a graph, and how it becomes one vector a picture.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Width">Length of a vector.</param>
/// <param name="Prefix">Of tokens: how many stand before the patches.</param>
/// <param name="Pooling">How it is pooled.</param>
internal sealed record ImageOutput(string Name, ImageOutputKind Kind, int Width, int Prefix, ImagePooling Pooling)
{
    // Vectors that are finished, preferred first. A new name is a word here.
    private static readonly string[] Finished = ["image_embeds", "image_embeddings", "pre_logits", "avgpool", "fc2", "features", "embedding", "embeddings"];
    private const string Pooler = "pooler_output", Hidden = "last_hidden_state";
    private static readonly string[] Maps = [Hidden, "feature_map", "features"];

    /// <summary>Chooses the output for a pooling.</summary>
    /// <param name="onnx">The graph.</param>
    /// <param name="patches">How many patches a picture has; null where the folder does not say: then as many as make the largest square.</param>
    /// <param name="countTokens">Counts the tokens of an output whose graph does not declare them.</param>
    /// <param name="pooling">What is wanted.</param>
    /// <param name="isTower">Whether the pooler's vector is the finished one, as of a tower whose graph names it so.</param>
    /// <exception cref="NotSupportedException">The graph has no such output.</exception>
    public static ImageOutput Choose(OnnxModel onnx, int? patches, Func<string, int> countTokens, ImagePooling pooling, bool isTower)
    {
        OnnxPort? finished = Finished.Select(name => onnx.Outputs.FirstOrDefault(port => port.Name == name && IsVector(port))).FirstOrDefault(port => port is not null);
        OnnxPort? pooler = onnx.Outputs.FirstOrDefault(port => port.Name == Pooler);
        OnnxPort? hidden = Maps.Select(name => onnx.Outputs.FirstOrDefault(port => port.Name == name && !IsVector(port))).FirstOrDefault(port => port is not null);
        // Where a finished vector is wanted and there, nothing else matters.
        int prefix = hidden is { Shape.Count: 3 } && (pooling != ImagePooling.Default || finished is null) ? PrefixOf(hidden.Shape[1] > 0 ? hidden.Shape[1] : countTokens(hidden.Name), patches) : 0;
        bool hasClass = prefix > 0;
        OnnxPort? port = pooling switch
        {
            ImagePooling.Default => finished ?? (isTower && pooler is not null ? pooler : hasClass ? hidden : pooler ?? hidden),
            ImagePooling.Pooler => pooler,
            _ => hidden,
        };
        if (port is null)
        {
            throw new NotSupportedException(
                $"{onnx.File}: the outputs are {string.Join(", ", onnx.Outputs.Select(output => $"'{output.Name}'"))}; for pooling {pooling} one of {string.Join(", ", Finished.Append(Pooler).Append(Hidden))} is wanted. Choose another pooling, or export the model with it.");
        }

        if (pooling is ImagePooling.Cls or ImagePooling.AttentionWeighted && !hasClass)
            throw new NotSupportedException($"{onnx.File}: pooling {pooling} needs a class token, which output '{port.Name}' has not. Choose another pooling.");
        if (pooling == ImagePooling.Default)
            pooling = port == hidden && hasClass ? ImagePooling.Cls : ImagePooling.GlobalAverage;
        ImageOutputKind kind = IsVector(port) ? ImageOutputKind.Vector : port.Shape.Count == 3 ? ImageOutputKind.Tokens : ImageOutputKind.Map;
        int width = kind == ImageOutputKind.Tokens ? port.Shape[2] : port.Shape.Count > 1 ? port.Shape[1] : 0;
        if (width < 1)
            throw new NotSupportedException($"{onnx.File}: output '{port.Name}' does not say its length. Export the model with fixed sizes.");
        string type = port.ElementType;
        return OnnxFloats.Types.Contains(type) ? new(port.Name, kind, width, prefix, pooling)
            : throw new NotSupportedException($"{onnx.File}: output '{port.Name}' holds {type}; supported: {string.Join(", ", OnnxFloats.Types)}. Choose another weight file.");
    }

    /// <summary>The classes' scores, or null where the graph gives none.</summary>
    public static ImageOutput? Logits(OnnxModel onnx) =>
        onnx.Outputs.FirstOrDefault(port => port.Name is "logits" or "output" && port.Shape is [_, > 0]) is { } port ? new(port.Name, ImageOutputKind.Vector, port.Shape[1], 0, ImagePooling.Default) : null;

    /// <summary>Makes the vector of one picture.</summary>
    /// <param name="values">What the graph gave for it.</param>
    public float[] Vector(ReadOnlySpan<float> values)
    {
        if (Kind == ImageOutputKind.Vector)
            return values.ToArray();
        var vector = new float[Width];
        if (Kind == ImageOutputKind.Tokens)
            ImagePool.Tokens(values, Width, Prefix, Pooling, vector);
        else
            ImagePool.Map(values, Width, Pooling, vector);
        return vector;
    }

    private static int PrefixOf(int tokens, int? patches)
    {
        int side = (int)Math.Sqrt(tokens);
        return patches is { } count ? (tokens >= count ? tokens - count : 0) : tokens - (side * side);
    }

    // [batch, width], or [batch, width, 1, 1] as some exports have it.
    private static bool IsVector(OnnxPort port) => port.Shape is [_, _] or [_, _, 1, 1];
}

/// <summary>What an output holds for a picture.</summary>
internal enum ImageOutputKind
{
    /// <summary>A vector.</summary>
    Vector,

    /// <summary>A vector a token, shape [tokens, hidden].</summary>
    Tokens,

    /// <summary>A feature map, shape [channels, height, width].</summary>
    Map,
}
