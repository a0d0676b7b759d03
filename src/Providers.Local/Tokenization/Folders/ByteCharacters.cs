namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// How byte-level models write bytes as characters that can be seen: the 188 bytes that are visible in Latin-1 as themselves, the other
/// 68, from 0 up, as U+0100 and on.
/// </summary>
internal static class ByteCharacters
{
    private static readonly byte[] Visible = [.. Range('!', '~'), .. Range('\u00A1', '\u00AC'), .. Range('\u00AE', '\u00FF')];

    private static readonly byte[] Order = [.. Visible, .. Range('\0', '\u00FF').Except(Visible)];

    private static readonly char[] Characters = Build();

    /// <summary>The characters of all bytes in the order in which OpenAI's table lists them: the visible ones first.</summary>
    public static IEnumerable<char> InTableOrder => Order.Select(value => Characters[value]);

    /// <summary>Bytes as characters.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
            characters[i] = Characters[bytes[i]];
        return new string(characters);
    }

    private static char[] Build()
    {
        var characters = new char[256];
        for (int i = 0; i < Order.Length; i++)
            characters[Order[i]] = i < Visible.Length ? (char)Order[i] : (char)(256 + i - Visible.Length);
        return characters;
    }

    private static IEnumerable<byte> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(value => (byte)value);
}
