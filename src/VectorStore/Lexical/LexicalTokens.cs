using System.Text;

namespace Polymodal.VectorStore;

/// <summary>Cuts texts into the tokens of a word search, as SQLite's FTS5 does with <c>unicode61</c> and <c>trigram</c>.</summary>
/// <remarks>An unpaired surrogate counts as U+FFFD, which is what a store keeps of it. Safe for concurrent use.</remarks>
internal static class LexicalTokens
{
    private const int Trigram = 3;

    /// <summary>The tokens of a text, in order, repeated ones included.</summary>
    public static IEnumerable<string> Of(string text, LexicalTokenizer tokenizer) =>
        tokenizer == LexicalTokenizer.Trigrams ? Trigrams(text) : Words(text);

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!FtsCharacters.IsSeparator(rune.Value) && rune.Value != 0 && !FtsCharacters.IsMark(rune.Value))
            {
                word.Append(new Rune(FtsCharacters.WithoutAccent(FtsCharacters.Fold(rune.Value))));
            }
            else if (word.Length > 0 && !FtsCharacters.IsMark(rune.Value))
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    // SQLite's trigram tokenizer takes a NUL for the end of the text.
    private static IEnumerable<string> Trigrams(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes().TakeWhile(rune => rune.Value != 0).Select(rune => new Rune(FtsCharacters.Fold(rune.Value)))];
        for (int first = 0; first + Trigram <= runes.Length; first++)
            yield return string.Concat(runes.AsSpan(first, Trigram).ToArray());
    }
}
