using System.Net;
using System.Text;

namespace Polymodal.Providers.Local.Text;

/// <summary>What open_clip makes of a text before its tokenizer sees it.</summary>
/// <remarks>
/// Reference: open_clip 3.3, tokenizer.py, basic_clean and whitespace_clean: ftfy's mending, HTML entities twice, white space. Of ftfy, curled quotes, Latin
/// ligatures are mended (the tokenizer composes characters); wrongly decoded text (mojibake) is left as it is.
/// </remarks>
internal static class OpenClipCleaning
{
    private static readonly Dictionary<char, string> Mended = new()
    {
        ['‘'] = "'",
        ['’'] = "'",
        ['‚'] = "'",
        ['‛'] = "'",
        ['“'] = "\"",
        ['”'] = "\"",
        ['„'] = "\"",
        ['‟'] = "\"",
        ['ﬀ'] = "ff",
        ['ﬁ'] = "fi",
        ['ﬂ'] = "fl",
        ['ﬃ'] = "ffi",
        ['ﬄ'] = "ffl",
        ['ﬅ'] = "ſt",
        ['ﬆ'] = "st",
    };

    /// <summary>Cleans a text.</summary>
    public static string Clean(ReadOnlySpan<char> text)
    {
        var mended = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            if (Mended.TryGetValue(character, out string? other))
                mended.Append(other);
            else
                mended.Append(character);
        }

        string unescaped = WebUtility.HtmlDecode(WebUtility.HtmlDecode(mended.ToString()));
        return string.Join(' ', unescaped.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
