namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Cuts at the matches of a pattern.</summary>
/// <param name="pattern">What separates.</param>
/// <param name="behavior">What becomes of a separator.</param>
/// <param name="isInverted">Whether what lies between matches separates, not the matches.</param>
internal sealed class Split(TextPattern pattern, SplitBehavior behavior, bool isInverted) : PreTokenizer
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static Split Read(JsonPart part) =>
        new(TextPattern.Read(part.Required("pattern")), part.Required("behavior").Name<SplitBehavior>(), part.Required("invert").Boolean());

    /// <summary>Reads CharDelimiterSplit from tokenizer.json.</summary>
    public static Split ReadCharDelimiterSplit(JsonPart part) =>
        new(TextPattern.Literal(part.Required("delimiter").Character().ToString()), SplitBehavior.Removed, isInverted: false);

    public override WordEnds WordEnds => behavior is SplitBehavior.Isolated or SplitBehavior.Removed ? pattern.WordEnds : WordEnds.Unsure;

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int start, int end) in pieces.Current)
        {
            if (behavior == SplitBehavior.Isolated)
                Isolate(chars[start..end], start, pieces, text.Regex);
            else
                Cut(chars[start..end], start, pieces, text.Regex);
        }

        pieces.Commit();
    }

    /// <summary>What <see cref="Cut"/> does where matches and what is between them are all kept as they are.</summary>
    private void Isolate(ReadOnlySpan<char> piece, int origin, PieceList pieces, RegexScratch scratch)
    {
        RegexMatches matches = pattern.Matches(piece, scratch);
        int consumed = 0;
        while (matches.TryNext(out int start, out int end))
        {
            if (consumed < start)
                pieces.Add(origin + consumed, origin + start);
            pieces.Add(origin + start, origin + end);
            consumed = end;
        }

        pieces.Add(origin + consumed, origin + piece.Length);
    }

    private void Cut(ReadOnlySpan<char> piece, int origin, PieceList pieces, RegexScratch scratch)
    {
        var parts = new SplitParts(behavior, origin, pieces);
        RegexMatches matches = pattern.Matches(piece, scratch);
        int consumed = 0;
        while (matches.TryNext(out int start, out int end))
        {
            if (consumed < start)
                parts.Add(consumed, start, isInverted);
            parts.Add(start, end, !isInverted);
            consumed = end;
        }

        if (consumed < piece.Length)
            parts.Add(consumed, piece.Length, isInverted);
        parts.End();
    }

    /// <summary>Puts separators and what is between them together as the behaviour says. Empty separators count, too.</summary>
    private ref struct SplitParts(SplitBehavior behavior, int origin, PieceList pieces)
    {
        private int _start, _end;
        private bool _isPending, _wasSeparator;

        public void Add(int start, int end, bool isSeparator)
        {
            bool joins = _isPending && behavior switch
            {
                SplitBehavior.Contiguous => isSeparator == _wasSeparator,
                SplitBehavior.MergedWithPrevious => isSeparator && !_wasSeparator,
                SplitBehavior.MergedWithNext => !isSeparator && _wasSeparator,
                _ => false,
            };
            if (joins)
            {
                _end = end;
            }
            else
            {
                End();
                (_start, _end, _isPending) = (start, end, behavior != SplitBehavior.Removed || !isSeparator);
            }

            _wasSeparator = isSeparator;
        }

        public readonly void End()
        {
            if (_isPending)
                pieces.Add(origin + _start, origin + _end);
        }
    }
}
