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

    /// <summary>The token of what the vocabulary cannot make, or null when there is none.</summary>
    public abstract int? UnknownId { get; }

    /// <summary>An id, or null for −1.</summary>
    protected static int? Known(int id) => id < 0 ? null : id;

    /// <summary>Adds the tokens of a piece.</summary>
    /// <param name="text">The normalized text.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="end">Where it ends; after <paramref name="start"/>.</param>
    /// <param name="workspace">Receives the tokens, with places in <paramref name="text"/>, and lends memory.</param>
    /// <exception cref="InvalidDataException">The piece needs an unknown token, and the vocabulary has none.</exception>
    public abstract void Tokenize(ReadOnlySpan<char> text, int start, int end, TokenizerWorkspace workspace);

    /// <summary>The next place where a piece can be cut, so that the tokens of both parts are those of the whole.</summary>
    /// <param name="text">The normalized text.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="end">Where it ends; after <paramref name="start"/>.</param>
    /// <returns>A place after <paramref name="start"/>; <paramref name="end"/> when none is known.</returns>
    public virtual int NextCut(ReadOnlySpan<char> text, int start, int end) => end;

    /// <summary>The error of a text that needs an unknown token where there is none.</summary>
    /// <param name="source">Name of the file.</param>
    /// <param name="token">The unknown token as the file names it.</param>
    /// <param name="part">What part of a text needs it, e.g. <c>a word</c>.</param>
    protected static InvalidDataException MissingUnknown(string source, string token, string part) => new(
        $"{source}: model.vocab has no entry for unk_token '{JsonPart.Shortened(token)}', which {part} of the text needs. " +
        "Export the tokenizer again with its special tokens.");
}
