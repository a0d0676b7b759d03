using Polymodal.Providers.Local.Images;

namespace Polymodal.Providers.Local;

/// <summary>Options of a local picture framework. Copied and checked once, when the model is loaded.</summary>
public sealed class LocalImageEmbeddingOptions : LocalEmbeddingOptions
{
    /// <summary>What of a graph's outputs stands for a picture. Default <see cref="ImagePooling.Default"/>: what the model's own library takes.</summary>
    public ImagePooling Pooling { get; set; }

    /// <summary>
    /// One number a layer of the graph's <c>hidden_states.0</c>, <c>hidden_states.1</c>, …: vectors are pooled from their sum, weighted by the softmax of these numbers.
    /// Default null: no layers.
    /// </summary>
    public IReadOnlyList<float>? LayerWeights { get; set; }

    /// <summary>True pools each layer of the graph's <c>hidden_states</c> by itself and puts the results one behind the other, lowest first. Default false.</summary>
    public bool PerLayer { get; set; }

    /// <summary>Whose arithmetic pictures are resized with. Default <see cref="ImageBackend.Default"/>: that of the model's own library.</summary>
    public ImageBackend Backend { get; set; }

    /// <summary>Of folders of timm: whether the size and crop for testing are taken where there are any. Default false.</summary>
    public bool UseTestSize { get; set; }

    /// <summary>Limits of decoding, and what becomes of alpha. Default as in <see cref="ImageDecodingOptions"/>.</summary>
    public ImageDecodingOptions Decoding { get; set; } = new();

    /// <summary>Reads files. Default null: <see cref="ImageDecoder.Default"/>.</summary>
    public IImageDecoder? Decoder { get; set; }

    /// <summary>Most pictures of one run of the model; 1 to 1,024. Default null: one, until measuring on the first pictures finds better.</summary>
    public int? PicturesPerRun { get; set; }

    /// <summary>Pictures that may wait for the model, of all callers together; at least 1, default 4,096. A call counts for at most a quarter of it.</summary>
    public int QueuePictures { get; set; } = 4_096;

    private protected override void Check()
    {
        base.Check();
        CheckRange(nameof(PicturesPerRun), PicturesPerRun, 1, 1_024, "null for what measuring finds");
        CheckRange(nameof(QueuePictures), QueuePictures, 1, int.MaxValue);
        if (PerLayer && LayerWeights is not null)
            throw new ArgumentException("PerLayer keeps the layers apart and LayerWeights adds them up. Choose one of them.", nameof(PerLayer));
        if (LayerWeights is { } weights && (weights.Count == 0 || weights.Any(weight => !float.IsFinite(weight))))
            throw new ArgumentException("LayerWeights must have a finite number for each layer.", nameof(LayerWeights));
        ArgumentNullException.ThrowIfNull(Decoding);
        Decoding = Decoding.Validated();
    }
}
