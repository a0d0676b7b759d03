namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Cuts where the script changes. Spaces and characters without a script go with what is before them; before the first script they are
/// dropped. Kana count as Han.
/// </summary>
internal sealed class UnicodeScripts : PreTokenizer
{
    private static readonly Lazy<CodePointTable> Table = new(ReadTable);

    private readonly CodePointTable _groups = Table.Value;

    public override WordEnds WordEnds => WordEnds.Kept;

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int start, int end) in pieces.Current)
        {
            int pieceStart = -1, last = 0;
            for (int i = start; i < end;)
            {
                int group = _groups[CodePoints.At(chars, i, out int length)];
                if (group != 0 && group != last)
                {
                    if (pieceStart >= 0)
                        pieces.Add(pieceStart, i);
                    pieceStart = i;
                    last = group;
                }

                i += length;
            }

            if (pieceStart >= 0)
                pieces.Add(pieceStart, end);
        }

        pieces.Commit();
    }

    private static CodePointTable ReadTable()
    {
        var groups = new byte[CodePointSet.Last + 1];
        byte number = 0;
        foreach (string name in UnicodeSets.Instance.Names("group"))
        {
            number++;
            foreach ((int first, int last) in UnicodeSets.Instance[$"group {name}"].Ranges)
                groups.AsSpan(first, last - first + 1).Fill(number);
        }

        return new CodePointTable(groups);
    }
}
