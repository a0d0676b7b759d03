namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A text, or a pair of texts, as tokens. All lists but <see cref="Overflowing"/> have one item a token.</summary>
/// <remarks>Immutable and safe for concurrent use. Reference: <c>Encoding</c> of HuggingFace tokenizers 0.23.3.</remarks>
public sealed class EncodedText
{
    internal EncodedText(TokenSequence sequence)
    {
        List<EncodedToken> tokens = sequence.Tokens;
        InputIds = [.. tokens.Select(token => token.Id)];
        Tokens = [.. tokens.Select(token => token.Text)];
        Offsets = [.. tokens.Select(token => token.Offset)];
        AttentionMask = [.. tokens.Select(token => token.Kind == TokenKind.Padding ? 0 : 1)];
        TokenTypeIds = [.. tokens.Select(token => token.TypeId)];
        SpecialTokensMask = [.. tokens.Select(token => token.Kind == TokenKind.Text ? 0 : 1)];
        WordIds = [.. tokens.Select(token => token.Word)];
        SequenceIds = [.. tokens.Select(token => token.Sequence)];
        Overflowing = [.. sequence.Overflowing.Select(part => new EncodedText(part))];
    }

    /// <summary>Token numbers.</summary>
    public IReadOnlyList<int> InputIds { get; }

    /// <summary>The tokens as written in the vocabulary; of an added token the text it was found in, white space that it swallowed included.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Where each came from, in UTF-16 units of its own text of a pair.</summary>
    public IReadOnlyList<TokenOffset> Offsets { get; }

    /// <summary>1 real token, 0 padding.</summary>
    public IReadOnlyList<int> AttentionMask { get; }

    /// <summary>Mostly 0 for the first text and 1 for the second; the post-processor says.</summary>
    public IReadOnlyList<int> TokenTypeIds { get; }

    /// <summary>1 for tokens that the post-processor or padding put there. A special token written in the text has 0.</summary>
    public IReadOnlyList<int> SpecialTokensMask { get; }

    /// <summary>Number of the pre-tokenizer's piece that a token is part of, from 0 in each text of a pair; null for tokens put there.</summary>
    public IReadOnlyList<int?> WordIds { get; }

    /// <summary>
    /// 0 for tokens of the first text, 1 for those of the second; null for tokens put there. Of a file without post-processor, as in the
    /// reference, padding of a single text has 0, and in <see cref="Overflowing"/> tokens of a second text have 0 or null.
    /// </summary>
    public IReadOnlyList<int?> SequenceIds { get; }

    /// <summary>What truncation cut off, in parts as long as was left; empty when nothing was cut.</summary>
    public IReadOnlyList<EncodedText> Overflowing { get; }
}
