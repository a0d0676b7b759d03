namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The memory that encoding a text needs, kept for the next text.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class TokenizerWorkspace
{
    private char[] _repaired = [];

    /// <summary>The part of the text that is being worked on.</summary>
    public NormalizedText Text { get; } = new();

    /// <summary>A part of <see cref="Text"/> between added tokens, where that is not all of it.</summary>
    public NormalizedText Part { get; } = new();

    /// <summary>Its pieces.</summary>
    public PieceList Pieces { get; } = new();

    /// <summary>The tokens so far.</summary>
    public TokenList Tokens { get; } = new();

    /// <summary>What a byte-pair encoding works on.</summary>
    public BpeWord Word { get; } = new();

    /// <summary>What a unigram model works on.</summary>
    public UnigramPath Path { get; } = new();

    /// <summary>Numbers for a model to work with.</summary>
    public ScratchList Scratch { get; } = new();

    /// <summary>The text itself, or a copy in which unpaired surrogates are U+FFFD.</summary>
    public ReadOnlySpan<char> WellFormed(ReadOnlySpan<char> text)
    {
        int index = CodePoints.IndexOfUnpairedSurrogate(text);
        if (index < 0)
            return text;
        if (_repaired.Length < text.Length)
            _repaired = new char[text.Length];
        Span<char> repaired = _repaired.AsSpan(0, text.Length);
        text.CopyTo(repaired);
        while (index >= 0)
        {
            repaired[index] = '\uFFFD';
            int next = CodePoints.IndexOfUnpairedSurrogate(repaired[index..]);
            index = next < 0 ? -1 : index + next;
        }

        return repaired;
    }
}
