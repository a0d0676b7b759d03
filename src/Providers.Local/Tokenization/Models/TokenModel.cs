namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The third of the four steps: turns a piece into tokens of its vocabulary.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the arguments.</remarks>
internal abstract class TokenModel
{
    /// <summary>The model's own tokens, without those added.</summary>
    public abstract Vocabulary Vocabulary { get; }

    /// <summary>
    /// A model that makes the same tokens of a text as this one makes of the text whose UTF-8 bytes are written as characters
    /// (<see cref="ByteCharacters"/>); null where there is none. Its places are those of the characters that the bytes belong to.
    /// </summary>
    public virtual TokenModel? OverBytes => null;

    /// <summary>Adds the tokens of a piece.</summary>
    /// <param name="text">The normalized text.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="end">Where it ends; after <paramref name="start"/>.</param>
    /// <param name="tokens">Receives the tokens, with places in <paramref name="text"/>.</param>
    public abstract void Tokenize(ReadOnlySpan<char> text, int start, int end, TokenList tokens);
}
