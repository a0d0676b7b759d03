namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>How texts become vectors by a table of word vectors. Copied and checked once.</summary>
public sealed class WordVectorsTextOptions
{
    /// <summary>The file of word vectors (GloVe, word2vec, fastText <c>.vec</c>); used by the registration. Default null: there is none, and the framework is not available.</summary>
    public string? Path { get; set; }

    /// <summary>How the file is read. Default: all of it.</summary>
    public WordVectorsOptions File { get; set; } = new();

    /// <summary>How texts are cut into words. Default null: letters, digits and marks, lower-cased where the table has no word with a capital among its first 10,000.</summary>
    public WordSplitter? Splitter { get; set; }

    /// <summary>Weights of the words, learnt from a corpus (TF-IDF). Default null: every occurrence of a word counts the same.</summary>
    public InverseDocumentFrequencies? Weights { get; set; }

    /// <summary>Whether vectors are scaled to unit length. Default false: the plain mean.</summary>
    public bool Normalize { get; set; }

    internal WordVectorsTextOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(File);
        File.Validated();
        if (Path is not null && string.IsNullOrWhiteSpace(Path))
            throw new ArgumentException("Path is blank. Give a file of word vectors.", nameof(Path));
        return (WordVectorsTextOptions)MemberwiseClone();
    }
}
