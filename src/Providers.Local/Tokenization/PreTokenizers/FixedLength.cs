namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Cuts pieces of so many code points; the last one may be shorter.</summary>
internal sealed class FixedLength(int length) : PreTokenizer
{
    private const int DefaultLength = 5;

    /// <summary>Reads it from tokenizer.json.</summary>
    public static FixedLength Read(JsonPart part)
    {
        int length = part.Optional("length")?.Limit() ?? DefaultLength;
        return length > 0 ? new FixedLength(length) : throw part.Required("length").Invalid("is not above 0");
    }

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int start, int end) in pieces.Current)
        {
            int pieceStart = start, count = 0;
            for (int i = start; i < end; i++)
            {
                if (char.IsLowSurrogate(chars[i]))
                    continue;
                if (count++ == length)
                {
                    pieces.Add(pieceStart, i);
                    pieceStart = i;
                    count = 1;
                }
            }

            pieces.Add(pieceStart, end);
        }

        pieces.Commit();
    }
}
