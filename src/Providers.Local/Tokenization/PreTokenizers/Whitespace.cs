namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Runs of word characters and runs of others, <c>\w+|[^\w\s]+</c>; white space is dropped.</summary>
internal sealed class Whitespace : PreTokenizer
{
    public override WordEnds WordEnds => WordEnds.Cut;

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        UnicodeData unicode = UnicodeData.Instance;
        foreach ((int start, int end) in pieces.Current)
        {
            int runStart = start;
            CharacterKinds runKind = CharacterKinds.WhiteSpace;
            for (int i = start; i < end;)
            {
                CharacterKinds kind = unicode[CodePoints.At(chars, i, out int length)] & (CharacterKinds.Word | CharacterKinds.WhiteSpace);
                if (kind != runKind)
                {
                    if (runKind != CharacterKinds.WhiteSpace)
                        pieces.Add(runStart, i);
                    runStart = i;
                    runKind = kind;
                }

                i += length;
            }

            if (runKind != CharacterKinds.WhiteSpace)
                pieces.Add(runStart, end);
        }

        pieces.Commit();
    }
}
