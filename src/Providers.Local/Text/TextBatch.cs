namespace Polymodal.Providers.Local.Text;

/// <summary>Texts as one padded input of a transformer.</summary>
/// <remarks>All arrays have the shape [<see cref="Count"/>, <see cref="SequenceLength"/>], row-major, and belong to the batch.</remarks>
/// <param name="count">Number of texts.</param>
/// <param name="sequenceLength">Tokens of the longest text.</param>
public sealed class TextBatch(int count, int sequenceLength)
{
    /// <summary>Number of texts.</summary>
    public int Count { get; } = count;

    /// <summary>Tokens of the longest text, to which all others are padded.</summary>
    public int SequenceLength { get; } = sequenceLength;

    /// <summary>Token numbers; the padding token where there is none.</summary>
    public long[] InputIds { get; } = new long[count * sequenceLength];

    /// <summary>1 real token, 0 padding.</summary>
    public long[] AttentionMask { get; } = new long[count * sequenceLength];

    /// <summary>0 first text, 1 second; 0 for padding.</summary>
    public long[] TokenTypeIds { get; } = new long[count * sequenceLength];
}
