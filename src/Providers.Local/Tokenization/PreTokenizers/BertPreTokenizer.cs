namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Drops white space; every punctuation character is a piece of its own.</summary>
internal sealed class BertPreTokenizer : PreTokenizer
{
    private const CharacterKinds Separators = CharacterKinds.WhiteSpace | CharacterKinds.Punctuation;

    private static readonly CharacterKinds[] Ascii = [.. Enumerable.Range(0, 0x80).Select(unit => UnicodeData.Instance[unit] & Separators)];

    public override WordEnds WordEnds => WordEnds.Cut;

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int start, int end) in pieces.Current)
            Split(chars[..end], start, pieces);
        pieces.Commit();
    }

    private static void Split(ReadOnlySpan<char> text, int start, PieceList pieces)
    {
        UnicodeData unicode = UnicodeData.Instance;
        CharacterKinds[] ascii = Ascii;
        int pieceStart = start;
        for (int i = start; i < text.Length;)
        {
            int length = 1;
            char unit = text[i];
            CharacterKinds kinds = unit < ascii.Length ? ascii[unit] : unicode[CodePoints.At(text, i, out length)] & Separators;
            if (kinds == CharacterKinds.None)
            {
                i += length;
                continue;
            }

            pieces.Add(pieceStart, i);
            if ((kinds & CharacterKinds.WhiteSpace) == 0)
                pieces.Add(i, i + length);
            i += length;
            pieceStart = i;
        }

        pieces.Add(pieceStart, text.Length);
    }
}
