namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// How byte-level vocabularies write bytes as characters: a byte that is a visible character of Latin-1 is that one, every other byte, the
/// space too, the next one from U+0100 on.
/// </summary>
/// <remarks>Reference: openai/gpt-2, src/encoder.py, bytes_to_unicode.</remarks>
internal static class ByteCharacters
{
    private const int HighestCharacter = 0x143;

    private static readonly char[] Characters = ReadCharacters();
    private static readonly short[] Bytes = ReadBytes();

    /// <summary>The character of each byte.</summary>
    public static ReadOnlySpan<char> All => Characters;

    /// <summary>Bytes as characters.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, (characters, values) =>
    {
        for (int i = 0; i < characters.Length; i++)
            characters[i] = Characters[values[i]];
    });

    /// <summary>The byte of a character, or −1.</summary>
    public static int ByteOf(char character) => character < Bytes.Length ? Bytes[character] : -1;

    /// <summary>Writes the UTF-8 bytes of pieces as characters.</summary>
    public static void Rewrite(NormalizedText text, PieceList pieces)
    {
        foreach ((int start, int end) in pieces.Current)
        {
            int newStart = text.AppendedLength;
            Append(text, start, end);
            pieces.Add(newStart, text.AppendedLength);
        }

        text.Commit();
        pieces.Commit();
    }

    /// <summary>Appends the UTF-8 bytes of a range of the present text as characters.</summary>
    public static void Append(NormalizedText text, int start, int end)
    {
        ReadOnlySpan<char> chars = text.Chars, characters = Characters;
        Span<byte> bytes = stackalloc byte[4];
        text.Reserve((end - start) * 3);
        for (int i = start; i < end;)
        {
            char unit = chars[i];
            if (unit < 0x80)
            {
                text.AppendReserved(characters[unit], i++);
                continue;
            }

            System.Text.Rune.DecodeFromUtf16(chars[i..end], out System.Text.Rune rune, out int length);
            int count = rune.EncodeToUtf8(bytes);
            foreach (byte value in bytes[..count])
                text.AppendReserved(characters[value], i);
            i += length;
        }
    }

    private static char[] ReadCharacters()
    {
        var characters = new char[256];
        int next = 0x100;
        for (int value = 0; value < characters.Length; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : (char)next++;
        return characters;
    }

    private static short[] ReadBytes()
    {
        var bytes = new short[HighestCharacter + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < Characters.Length; value++)
            bytes[Characters[value]] = (short)value;
        return bytes;
    }
}
