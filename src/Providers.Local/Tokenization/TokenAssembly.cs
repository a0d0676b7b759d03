namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Cuts the tokens of a text or a pair and puts special tokens around them.</summary>
internal sealed class TokenAssembly(PostProcessor postProcessor, EncodeOptions options)
{
    /// <summary>Puts an encoded text together.</summary>
    /// <param name="first">Tokens of the first text; used up.</param>
    /// <param name="second">Tokens of the second text, or null; used up.</param>
    /// <exception cref="ArgumentException">Truncation cannot be done.</exception>
    public TokenSequence Assemble(TokenSequence first, TokenSequence? second)
    {
        if (options.Truncation is { } truncation)
            Truncate(first, second, truncation);
        TokenSequence[] texts = second is null ? [first] : [first, second];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i].SetSequence(i);
            foreach (TokenSequence part in postProcessor == PostProcessor.None && i == 0 ? texts[i].Overflowing : [])
                part.PaddingSequence = 0;
            postProcessor.AdjustOffsets(texts[i]);
        }

        var assembled = new TokenSequence([]);
        foreach (TemplatePiece piece in second is null ? postProcessor.Single : postProcessor.Pair)
        {
            if (!piece.IsSpecial)
            {
                texts[piece.Text].SetType(piece.TypeId, postProcessor.TypesOverflow && options.AddSpecialTokens);
                assembled.Append(texts[piece.Text]);
            }
            else if (options.AddSpecialTokens)
            {
                assembled.Append(new TokenSequence(piece.Ids.Select((id, index) =>
                    new EncodedToken(id, piece.TypeId, piece.Tokens.ElementAtOrDefault(index) ?? "", default, TokenKind.Special, Word: null, Sequence: null))));
            }
        }

        if (postProcessor == PostProcessor.None)
        {
            assembled.PaddingSequence = second is null ? 0 : null;
            LoseSequences(assembled.Overflowing);
        }

        return assembled;
    }

    /// <summary>Fills up encoded texts to one length where the options say so.</summary>
    public void Pad(IReadOnlyList<TokenSequence> sequences)
    {
        if (options.Padding is not { } padding)
            return;
        int length = padding.LengthFor(sequences.Select(sequence => sequence.Tokens.Count).DefaultIfEmpty().Max());
        foreach (TokenSequence sequence in sequences)
            sequence.Pad(length, padding);
    }

    // Without post-processor the reference does not note which text a token is of. Of a single text, and of a part cut off the first, all
    // counts as the first text's, padding too; of the others the second text is lost.
    private static void LoseSequences(IReadOnlyList<TokenSequence> cutOff)
    {
        foreach (TokenSequence part in cutOff)
        {
            part.LoseSecond();
            LoseSequences(part.Overflowing);
        }
    }

    private void Truncate(TokenSequence first, TokenSequence? second, Truncation truncation)
    {
        int specialTokens = options.AddSpecialTokens ? postProcessor.SpecialTokenCount(second is not null) : 0;
        int maxTokens = truncation.MaxTokens - specialTokens, total = first.Tokens.Count + (second?.Tokens.Count ?? 0);
        if (maxTokens < 0 || total <= maxTokens)
            return;
        if (maxTokens == 0)
        {
            first.Truncate(0, truncation);
            second?.Truncate(0, truncation);
        }
        else if (truncation.Strategy != TruncationStrategy.LongestFirst)
        {
            TokenSequence target = truncation.Strategy == TruncationStrategy.OnlyFirst ? first : second ?? throw new ArgumentException(
                "truncation.Strategy is OnlySecond, and there is no second text. Give one, or another strategy.", nameof(truncation));
            int left = target.Tokens.Count - (total - maxTokens);
            if (left <= 0)
            {
                throw new ArgumentException(
                    $"truncation.Strategy is {truncation.Strategy}, and that text has {target.Tokens.Count} tokens where {total - maxTokens} must go. Allow more tokens, or give another strategy.", nameof(truncation));
            }

            target.Truncate(left, truncation);
        }
        else if (second is null)
        {
            first.Truncate(maxTokens, truncation);
        }
        else
        {
            // The shorter text stays whole while it fits in half; else both get half, the longer one the odd token.
            int shorter = Math.Min(first.Tokens.Count, second.Tokens.Count);
            bool isFirstShorter = first.Tokens.Count <= second.Tokens.Count;
            int longer = Math.Max(shorter, maxTokens - shorter);
            if (shorter + longer > maxTokens)
            {
                shorter = maxTokens / 2;
                longer = maxTokens - shorter;
            }

            first.Truncate(isFirstShorter ? shorter : longer, truncation);
            second.Truncate(isFirstShorter ? longer : shorter, truncation);
        }
    }
}
