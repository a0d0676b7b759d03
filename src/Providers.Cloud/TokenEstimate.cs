using System.Text;

namespace Polymodal.Providers.Cloud;

/// <summary>About how many tokens a text has, for splitting and cutting when nobody counts them: rather too many for prose, too few for rare scripts and random characters.</summary>
/// <remarks>
/// A third of a token for a letter or space of ASCII, one for a digit or other ASCII, half for each UTF-8 byte of anything else. English has about a quarter of a token a letter
/// in the vocabularies of today's services, Chinese one to one and a half a character; many of them have one token a digit. A count that is never too low would be the number
/// of bytes, four times that of English: it would refuse what services take.
/// </remarks>
internal static class TokenEstimate
{
    private const int Letter = 2, Sign = 6, OtherByte = 3, Whole = 6;

    /// <summary>The estimate; 1 at least.</summary>
    public static int Count(string text)
    {
        long sixths = 0;
        foreach (char character in text)
        {
            sixths += character switch
            {
                ' ' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => Letter,
                < '\x80' => Sign,
                < '\x800' => 2 * OtherByte,
                >= '\xD800' and <= '\xDFFF' => 2 * OtherByte, // Half of a pair, which has four bytes.
                _ => 3 * OtherByte,
            };
        }

        return (int)Math.Clamp((sixths + Whole - 1) / Whole, 1, int.MaxValue);
    }

    /// <summary>The longest beginning of a text that has at most so many tokens; it ends between two characters. At least one character is left.</summary>
    public static string Cut(string text, int maxTokens, Func<string, int> count)
    {
        if (count(text) <= maxTokens)
            return text;
        int fits = 0, tooLong = text.Length;
        while (tooLong - fits > 1)
        {
            int middle = (fits + tooLong) / 2;
            if (count(text[..WholeCharacters(text, middle)]) <= maxTokens)
                fits = middle;
            else
                tooLong = middle;
        }

        int length = WholeCharacters(text, fits);
        return text[..(length > 0 ? length : char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1)];
    }

    /// <summary>The text with U+FFFD in the place of unpaired surrogates, which no JSON can carry.</summary>
    public static string WithoutUnpairedSurrogates(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) && ++i > 0))
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }

        return text;
    }

    private static int WholeCharacters(string text, int length) => length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
}
