namespace Polymodal.VectorStore.Ingestion;

/// <summary>How documents are cut into passages.</summary>
public sealed class TextChunkerOptions
{
    internal const int SmallestMaxCharacters = 20, LargestMaxCharacters = 1_000_000;

    /// <summary>
    /// Longest passage in UTF-16 units, 20 to 1,000,000; by default 900, which is about 200 tokens of English and so fits a model of 256 tokens with room for the heading.
    /// </summary>
    public int MaxCharacters { get; set; } = 900;

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal TextChunkerOptions Validated() => MaxCharacters is >= SmallestMaxCharacters and <= LargestMaxCharacters
        ? new() { MaxCharacters = MaxCharacters }
        : throw new ArgumentOutOfRangeException(nameof(MaxCharacters), MaxCharacters, $"MaxCharacters must be {SmallestMaxCharacters} to {LargestMaxCharacters}.");
}
