using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Text;

/// <summary>Texts as one padded input of a transformer.</summary>
/// <remarks>All arrays have the shape [<see cref="Count"/>, <see cref="SequenceLength"/>], row-major, and belong to the batch.</remarks>
public sealed class TextBatch
{
    internal TextBatch(int count, int sequenceLength)
    {
        Count = count;
        SequenceLength = sequenceLength;
        InputIds = new long[count * sequenceLength];
        AttentionMask = new long[count * sequenceLength];
        TokenTypeIds = new long[count * sequenceLength];
    }

    /// <summary>What the run of it may use.</summary>
    internal RunLimits Limits { get; init; }

    /// <summary>What the texts are for, where the caller said so.</summary>
    public EmbeddingIntent? Intent { get; internal init; }

    /// <summary>Number of texts.</summary>
    public int Count { get; }

    /// <summary>Tokens of the longest text, to which all others are padded.</summary>
    public int SequenceLength { get; }

    /// <summary>Token numbers; the padding token where there is none.</summary>
    public long[] InputIds { get; }

    /// <summary>1 real token, 0 padding.</summary>
    public long[] AttentionMask { get; }

    /// <summary>0 first text, 1 second; 0 for padding.</summary>
    public long[] TokenTypeIds { get; }
}
