using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>Cuts a text into the words that are looked up in a table of word vectors.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class WordSplitter
{
    private readonly Regex? _pattern;

    /// <summary>Creates a splitter.</summary>
    /// <param name="lowercase">Whether texts are lower-cased first, by the invariant culture.</param>
    /// <param name="pattern">What a word is. Null, the default: letters, digits and marks without anything between, so that <c>don't</c> is <c>don</c> and <c>t</c>.</param>
    public WordSplitter(bool lowercase, Regex? pattern = null)
    {
        Lowercase = lowercase;
        _pattern = pattern;
    }

    /// <summary>Whether texts are lower-cased first.</summary>
    public bool Lowercase { get; }

    internal string Description => $"{(Lowercase ? "lowercase" : "cased")} {_pattern?.ToString() ?? "letters, digits and marks"} {_pattern?.Options}";

    /// <summary>Gives each word of a text, in its order.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="word">Gets each word, valid during the call.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> or <paramref name="word"/> is null.</exception>
    public void Split(string text, Action<ReadOnlySpan<char>> word)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(word);
        ReadOnlySpan<char> rest = Lowercase ? text.ToLowerInvariant() : text;
        if (_pattern is not null)
        {
            foreach (ValueMatch match in _pattern.EnumerateMatches(rest))
                word(rest.Slice(match.Index, match.Length));
            return;
        }

        while (!rest.IsEmpty)
        {
            if (IsWordPart(RuneAt(rest, out int length)))
            {
                while (length < rest.Length && IsWordPart(RuneAt(rest[length..], out int next)))
                    length += next;
                word(rest[..length]);
            }

            rest = rest[length..];
        }
    }

    private static Rune RuneAt(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out length);
        return rune;
    }

    private static bool IsWordPart(Rune rune) => rune.IsAscii
        ? char.IsAsciiLetterOrDigit((char)rune.Value)
        : Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
