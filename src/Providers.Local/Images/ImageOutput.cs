using System.Numerics.Tensors;
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
    private const string Pooler = "pooler_output", Hidden = "last_hidden_state", Layer = "hidden_states.";
    private static readonly string[] Maps = [Hidden, "feature_map", "features"];

    /// <summary>The outputs of layers that are read instead, lowest first; empty for none.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>How much each layer counts, 1 together; null where they are kept apart.</summary>
    public IReadOnlyList<float>? LayerWeights { get; init; }

    /// <summary>Whether tokens or places are given as they are, without pooling.</summary>
    public bool IsRaw { get; init; }

    /// <summary>Length of a finished vector.</summary>
    public int Length => Layers.Count > 0 && LayerWeights is null ? Width * Layers.Count : Width;

    /// <summary>Reads layers instead of the last one.</summary>
    /// <param name="onnx">The graph.</param>
    /// <param name="weights">One number a layer; null keeps them apart.</param>
    /// <param name="choose">Chooses the output of a single layer.</param>
    /// <exception cref="NotSupportedException">The graph has no layers of tokens.</exception>
    public static ImageOutput ChooseLayers(OnnxModel onnx, IReadOnlyList<float>? weights, Func<ImageOutput> choose)
    {
        OnnxPort[] layers = [.. onnx.Outputs.Where(port => port.Name.StartsWith(Layer, StringComparison.Ordinal)).OrderBy(port => int.TryParse(port.Name.AsSpan(Layer.Length), out int number) ? number : int.MaxValue)];
        if (layers.Length == 0)
            throw new NotSupportedException($"{onnx.File}: there are no outputs {Layer}0, {Layer}1, …, which PerLayer and LayerWeights need. Export the model with output_hidden_states.");
        if (weights is not null && weights.Count != layers.Length)
            throw new ArgumentException($"LayerWeights has {weights.Count} numbers; {onnx.File} has {layers.Length} layers, its first input among them. Give one for each.", nameof(weights));
        ImageOutput last = choose();
        if (last.Kind != ImageOutputKind.Tokens || Array.Exists(layers, port => port.Shape.Count != 3 || (port.Shape[2] > 0 && port.Shape[2] != last.Width)))
            throw new NotSupportedException($"{onnx.File}: the layers are not tokens of one length; supported: {Layer}* of shape [batch, tokens, {last.Width}]. Leave PerLayer and LayerWeights out.");
        float[]? shares = weights is null ? null : [.. weights];
        if (shares is not null)
            TensorPrimitives.SoftMax(shares, shares);
        return last with { Layers = [.. layers.Select(port => port.Name)], LayerWeights = shares };
    }

    /// <summary>Chooses the output for a pooling.</summary>
    /// <param name="onnx">The graph.</param>
    /// <param name="patches">How many patches a picture has; null where the folder does not say: then as many as make the largest square.</param>
    /// <param name="measure">Gives the axes of an output whose graph does not declare them.</param>
    /// <param name="pooling">What is wanted.</param>
    /// <param name="isTower">Whether the pooler's vector is the finished one, as of a tower whose graph names it so.</param>
    /// <exception cref="NotSupportedException">The graph has no such output.</exception>
    public static ImageOutput Choose(OnnxModel onnx, int? patches, Func<string, int[]> measure, ImagePooling pooling, bool isTower)
    {
        OnnxPort? finished = Finished.Select(name => onnx.Outputs.FirstOrDefault(port => port.Name == name && IsVector(port))).FirstOrDefault(port => port is not null);
        OnnxPort? pooler = onnx.Outputs.FirstOrDefault(port => port.Name == Pooler);
        OnnxPort? hidden = Maps.Select(name => onnx.Outputs.FirstOrDefault(port => port.Name == name && !IsVector(port))).FirstOrDefault(port => port is not null);
        // Where a finished vector is wanted and there, nothing else matters.
        int prefix = hidden is { Shape.Count: 3 } && (pooling != ImagePooling.Default || finished is null) ? PrefixOf(hidden.Shape[1] > 0 ? hidden.Shape[1] : measure(hidden.Name)[1], patches) : 0;
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
        int axis = kind == ImageOutputKind.Tokens ? 2 : 1, width = axis < port.Shape.Count ? port.Shape[axis] : 0;
        if (width < 1 && port.Shape.Count > 1)
            width = measure(port.Name)[axis];
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
        if (Kind == ImageOutputKind.Vector || IsRaw)
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
