namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What a pre-tokenizer does to a text that ends at the end of a word, compared with the same words at the start of a longer text.</summary>
internal enum WordEnds
{
    /// <summary>Nothing is known.</summary>
    Unsure,

    /// <summary>It makes the same pieces; the last one may go on behind the word in the longer text.</summary>
    Kept,

    /// <summary>It makes the same pieces, and none goes on behind the word.</summary>
    Cut,
}
