namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Tokens with all that is known of them, while they are cut, put together and filled up.</summary>
internal sealed class TokenSequence
{
    public TokenSequence(IEnumerable<EncodedToken> tokens)
    {
        Tokens = [.. tokens];
    }

    /// <summary>The tokens.</summary>
    public List<EncodedToken> Tokens { get; private set; }

    /// <summary>What was cut off.</summary>
    public List<TokenSequence> Overflowing { get; private set; } = [];

    /// <summary>The text of a pair that padding counts as part of.</summary>
    public int? PaddingSequence { get; set; }

    /// <summary>Leaves a number of tokens; the others become <see cref="Overflowing"/>.</summary>
    /// <param name="maxTokens">How many to leave.</param>
    /// <param name="truncation">Direction and stride.</param>
    /// <exception cref="ArgumentException">The stride is not below <paramref name="maxTokens"/>.</exception>
    public void Truncate(int maxTokens, Truncation truncation)
    {
        if (maxTokens >= Tokens.Count)
            return;
        if (maxTokens == 0)
        {
            Overflowing.Add(new TokenSequence(Tokens));
            Tokens = [];
            return;
        }

        if (truncation.Stride >= maxTokens)
        {
            throw new ArgumentException(
                $"truncation.Stride is {truncation.Stride}, and {maxTokens} tokens of the text are left without the special ones. Give a smaller stride or more tokens.", nameof(truncation));
        }

        List<EncodedToken> all = Tokens;
        int step = maxTokens - truncation.Stride;
        for (int part = 0; ; part++)
        {
            int skipped = part * step, length = Math.Min(maxTokens, all.Count - skipped);
            List<EncodedToken> kept = all.GetRange(truncation.Direction == TextSide.Right ? skipped : all.Count - skipped - length, length);
            if (part == 0)
                Tokens = kept;
            else
                Overflowing.Add(new TokenSequence(kept));
            if (skipped + length == all.Count)
                return;
        }
    }

    /// <summary>Says which text of a pair the tokens are, in what was cut off too; the type id is the same number until it is set.</summary>
    public void SetSequence(int index)
    {
        for (int i = 0; i < Tokens.Count; i++)
            Tokens[i] = Tokens[i] with { Sequence = index, TypeId = index };
        foreach (TokenSequence part in Overflowing)
            part.SetSequence(index);
    }

    /// <summary>Forgets of the second text's tokens that they are its: they count as padding does.</summary>
    public void LoseSecond()
    {
        for (int i = 0; i < Tokens.Count; i++)
            Tokens[i] = Tokens[i] with { Sequence = Tokens[i].Sequence == 1 ? PaddingSequence : Tokens[i].Sequence };
    }

    /// <summary>Sets the type id of all tokens.</summary>
    public void SetType(int typeId, bool alsoOverflowing)
    {
        for (int i = 0; i < Tokens.Count; i++)
            Tokens[i] = Tokens[i] with { TypeId = typeId };
        foreach (TokenSequence part in alsoOverflowing ? Overflowing : [])
            part.SetType(typeId, alsoOverflowing);
    }

    /// <summary>Takes white space at a token's ends out of its place, in what was cut off too.</summary>
    /// <param name="addPrefixSpace">Whether the first token's first space was not in the text.</param>
    public void TrimOffsets(bool addPrefixSpace)
    {
        for (int i = 0; i < Tokens.Count; i++)
        {
            EncodedToken token = Tokens[i];
            (int start, int end) = (token.Offset.Start, token.Offset.End);
            int leading = token.Text.TakeWhile(IsSpace).Count(), trailing = token.Text.Reverse().TakeWhile(IsSpace).Count();
            if (leading > 0 && addPrefixSpace && (i == 0 || start == 0))
                leading--;
            start = Math.Min(start + leading, end);
            if (end >= trailing)
                end = Math.Max(end - trailing, start);
            Tokens[i] = token with { Offset = new TokenOffset(start, end) };
        }

        foreach (TokenSequence part in Overflowing)
            part.TrimOffsets(addPrefixSpace);

        // U+0120 is how byte-level models write a space.
        static bool IsSpace(char unit) => unit == '\u0120' || (UnicodeData.Instance[unit] & CharacterKinds.WhiteSpace) != 0;
    }

    /// <summary>Puts another sequence behind this one; what was cut off of either is combined with all of the other.</summary>
    public void Append(TokenSequence other)
    {
        var overflowing = new List<TokenSequence>();
        foreach (TokenSequence part in Overflowing)
        {
            overflowing.Add(part.Joined(other));
            overflowing.AddRange(other.Overflowing.Select(part.Joined));
        }

        overflowing.AddRange(other.Overflowing.Select(Joined));
        Tokens.AddRange(other.Tokens);
        Overflowing = overflowing;
    }

    /// <summary>Fills up to a length, what was cut off too.</summary>
    public void Pad(int length, Padding padding)
    {
        foreach (TokenSequence part in Overflowing)
            part.Pad(length, padding);
        int missing = length - Tokens.Count;
        if (missing > 0)
        {
            var pad = new EncodedToken(padding.Id, padding.TypeId, padding.Token, default, TokenKind.Padding, Word: null, PaddingSequence);
            Tokens.InsertRange(padding.Direction == TextSide.Left ? 0 : Tokens.Count, Enumerable.Repeat(pad, missing));
        }
    }

    private TokenSequence Joined(TokenSequence other)
    {
        var joined = new TokenSequence(Tokens) { Overflowing = [.. Overflowing], PaddingSequence = PaddingSequence ?? other.PaddingSequence };
        joined.Append(other);
        return joined;
    }
}

/// <summary>A token with all that is known of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TypeId">Its type id.</param>
/// <param name="Text">Its text.</param>
/// <param name="Offset">Where it came from.</param>
/// <param name="Kind">Who put it there.</param>
/// <param name="Word">The piece it is part of.</param>
/// <param name="Sequence">The text of a pair it comes from.</param>
internal readonly record struct EncodedToken(int Id, int TypeId, string Text, TokenOffset Offset, TokenKind Kind, int? Word, int? Sequence);

/// <summary>Who put a token there.</summary>
internal enum TokenKind
{
    /// <summary>It comes from the text.</summary>
    Text,

    /// <summary>The post-processor.</summary>
    Special,

    /// <summary>Padding.</summary>
    Padding,
}
