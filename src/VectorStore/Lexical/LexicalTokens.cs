using System.Globalization;
using System.Text;

namespace Polymodal.VectorStore;

/// <summary>Cuts texts into the tokens of a word search, as SQLite's FTS5 does.</summary>
internal static class LexicalTokens
{
    /// <summary>The tokens of a text, in order, repeated ones included.</summary>
    public static IEnumerable<string> Of(string text, LexicalTokenizer tokenizer) =>
        tokenizer == LexicalTokenizer.Trigrams ? Trigrams(text) : Words(text);

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isMark = Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark;
            if (Rune.IsLetterOrDigit(rune) || (isMark && word.Length > 0))
            {
                if (!isMark)
                    word.Append(Folded(rune));
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    private static IEnumerable<string> Trigrams(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes().Select(Rune.ToLowerInvariant)];
        for (int first = 0; first + 3 <= runes.Length; first++)
            yield return $"{runes[first]}{runes[first + 1]}{runes[first + 2]}";
    }

    private static string Folded(Rune rune) => Rune.ToLowerInvariant(rune).ToString();
}
