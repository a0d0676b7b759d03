namespace Polymodal.VectorStore;

/// <summary>How texts are cut into the tokens that a word search looks for.</summary>
public enum LexicalTokenizer
{
    /// <summary>Words: runs of letters and digits, without regard to case or accents; as SQLite's <c>unicode61</c>.</summary>
    Words,

    /// <summary>Every three characters in a row, without regard to case; as SQLite's <c>trigram</c>. For languages that put no spaces between words. A query of fewer than three characters finds nothing.</summary>
    Trigrams,
}
