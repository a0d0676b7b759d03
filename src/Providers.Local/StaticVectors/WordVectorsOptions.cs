namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>How a file of word vectors is read.</summary>
public sealed class WordVectorsOptions
{
    /// <summary>
    /// The most words to read, from the beginning of the file, where files have the most frequent ones; at least 1. Default null: all.
    /// Every word of d dimensions takes 4·d bytes and about 60 for itself.
    /// </summary>
    public int? MaxWords { get; set; }

    internal int Validated() => MaxWords is < 1
        ? throw new ArgumentOutOfRangeException(nameof(MaxWords), MaxWords, "MaxWords must be at least 1, or null for all words of the file.")
        : MaxWords ?? int.MaxValue;
}
