namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A vocabulary as files older than tokenizer.json hold it.</summary>
/// <param name="Source">The file's name, for messages.</param>
/// <param name="Tokens">Tokens, ids and, of a SentencePiece model, scores, in the order of the file.</param>
/// <param name="Merges">The merges of a BPE model, the first one first; empty for other models.</param>
internal sealed record RawVocabulary(string Source, IReadOnlyList<RawToken> Tokens, IReadOnlyList<(string Left, string Right)> Merges)
{
    /// <summary>The SentencePiece model it was read from, or null.</summary>
    public SentencePieceModel? SentencePiece { get; init; }

    /// <summary>Whether merges were recovered from ranks: then a piece that is a token is not merged at all.</summary>
    public bool HasRanks { get; init; }
}

/// <summary>A token of a vocabulary.</summary>
/// <param name="Text">Its characters.</param>
/// <param name="Id">Its id.</param>
/// <param name="Score">Its score in a Unigram model.</param>
internal readonly record struct RawToken(string Text, int Id, double Score = 0);
