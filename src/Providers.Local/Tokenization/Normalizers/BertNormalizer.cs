using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// BERT's normalizer: removes control characters, puts spaces around CJK ideographs, removes accents, lower-cases.
/// </summary>
/// <remarks>
/// The four rules are one pass: each character's result is worked out beforehand. Only marks that are neither removed nor without a
/// combining class change places when accents are removed; a text that has one goes through the four rules one by one.
/// </remarks>
internal sealed class BertNormalizer : Normalizer
{
    // What stands in _results for other than one character: nothing; the character itself between spaces; it has to be worked out.
    private const char Removed = '\uDC00', Isolated = '\uDC01', WorkOut = '\uDC02';

    private readonly bool _cleanText, _handleChineseChars, _stripAccents, _lowercase;
    private readonly char[] _results = new char[0x10000];

    /// <summary>Creates the normalizer.</summary>
    /// <param name="cleanText">Remove control characters, make white space a space.</param>
    /// <param name="handleChineseChars">Put spaces around CJK ideographs.</param>
    /// <param name="stripAccents">Decompose and remove non-spacing marks; null: when lower-casing.</param>
    /// <param name="lowercase">Lower-case.</param>
    public BertNormalizer(bool cleanText, bool handleChineseChars, bool? stripAccents, bool lowercase)
    {
        _cleanText = cleanText;
        _handleChineseChars = handleChineseChars;
        _stripAccents = stripAccents ?? lowercase;
        _lowercase = lowercase;
        for (int unit = 0; unit < _results.Length; unit++)
            _results[unit] = char.IsSurrogate((char)unit) ? WorkOut : Result(unit);
    }

    /// <summary>Reads it from tokenizer.json.</summary>
    public static BertNormalizer Read(JsonPart part) => new(
        part.Required("clean_text").Boolean(), part.Required("handle_chinese_chars").Boolean(), part.Optional("strip_accents")?.Boolean(), part.Required("lowercase").Boolean());

    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text)
    {
        if (TryInOnePass(text))
            return;
        if (_cleanText)
            CleanText(text);
        if (_handleChineseChars)
            IsolateChinese(text);
        UnicodeForm.Nfd.Apply(text);
        StripAccents.Remove(text, CharacterKinds.NonspacingMark);
        if (_lowercase)
            Lowercase.Rewrite(text);
    }

    private bool TryInOnePass(NormalizedText text)
    {
        ReadOnlySpan<char> chars = text.Chars, results = _results;
        text.Reserve(chars.Length);
        for (int i = 0; i < chars.Length; i++)
        {
            char result = results[chars[i]];
            if (!char.IsLowSurrogate(result))
            {
                text.AppendReserved(result, i);
                continue;
            }

            if (result == Removed)
                continue;
            if (result == Isolated)
            {
                text.Reserve(chars.Length - i + 2);
                text.AppendReserved(' ', i);
                text.AppendReserved(chars[i], i);
                text.AppendReserved(' ', i);
                continue;
            }

            int codePoint = CodePoints.At(chars, i, out int length);
            if (!TryAppend(text, codePoint, i))
            {
                text.Discard();
                return false;
            }

            i += length - 1;
            text.Reserve(chars.Length - i);
        }

        text.Commit();
        return true;
    }

    /// <summary>The result of a code point of the basic plane where it is one character or none.</summary>
    private char Result(int codePoint)
    {
        UnicodeData unicode = UnicodeData.Instance;
        CharacterKinds kinds = unicode[codePoint];
        if (_cleanText && (kinds & CharacterKinds.Control) != 0)
            return Removed;
        if (_cleanText && (kinds & CharacterKinds.CleanedToSpace) != 0)
            return ' ';
        if (_handleChineseChars && (kinds & CharacterKinds.Chinese) != 0)
            return (kinds & CharacterKinds.Canonical) == 0 ? Isolated : WorkOut;
        if (_stripAccents)
        {
            if ((kinds & CharacterKinds.NonspacingMark) != 0)
                return Removed;
            if (Hangul.IsSyllable(codePoint))
                return WorkOut;
            ReadOnlySpan<char> parts = unicode.Canonical(codePoint);
            int kept = parts.IsEmpty ? codePoint : -1;
            foreach (char part in parts)
            {
                if (char.IsSurrogate(part))
                    return WorkOut;
                if ((unicode[part] & CharacterKinds.NonspacingMark) != 0)
                    continue;
                if (kept >= 0)
                    return WorkOut;
                kept = part;
            }

            if (kept < 0)
                return Removed;
            codePoint = kept;
            if ((unicode[codePoint] & CharacterKinds.CombiningClass) != 0)
                return WorkOut;
        }

        if (!_lowercase)
            return (char)codePoint;
        int lower = unicode.ToLower(codePoint);
        return UnicodeData.SecondOfLower(codePoint) != 0 || lower > 0xFFFF ? WorkOut : (char)lower;
    }

    /// <summary>Appends the result of any code point; false when characters may change places.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryAppend(NormalizedText text, int codePoint, int source)
    {
        UnicodeData unicode = UnicodeData.Instance;
        CharacterKinds kinds = unicode[codePoint];
        if (_cleanText && (kinds & (CharacterKinds.Control | CharacterKinds.CleanedToSpace)) != 0)
        {
            if ((kinds & CharacterKinds.Control) == 0)
                text.Append(' ', source);
            return true;
        }

        bool isChinese = _handleChineseChars && (kinds & CharacterKinds.Chinese) != 0;
        if (isChinese)
            text.Append(' ', source);
        if (!_stripAccents || !TryAppendParts(text, codePoint, source, out bool isPossible))
        {
            AppendLower(text, codePoint, source);
            isPossible = !_stripAccents || (kinds & CharacterKinds.CombiningClass) == 0;
        }

        if (isChinese)
            text.Append(' ', source);
        return isPossible;
    }

    /// <summary>Appends what is left of a code point's decomposition; false when it has none and stays as it is.</summary>
    private bool TryAppendParts(NormalizedText text, int codePoint, int source, out bool isPossible)
    {
        UnicodeData unicode = UnicodeData.Instance;
        isPossible = true;
        if (Hangul.IsSyllable(codePoint))
        {
            (char lead, char vowel, char tail) = Hangul.Decompose(codePoint);
            text.Append(lead, source);
            text.Append(vowel, source);
            if (tail != 0)
                text.Append(tail, source);
            return true;
        }

        if ((unicode[codePoint] & CharacterKinds.NonspacingMark) != 0)
            return true;
        ReadOnlySpan<char> parts = unicode.Canonical(codePoint);
        for (int i = 0; i < parts.Length;)
        {
            int part = CodePoints.At(parts, i, out int length);
            CharacterKinds kinds = unicode[part];
            i += length;
            if ((kinds & CharacterKinds.NonspacingMark) != 0)
                continue;
            isPossible &= (kinds & CharacterKinds.CombiningClass) == 0;
            AppendLower(text, part, source);
        }

        return !parts.IsEmpty;
    }

    private void AppendLower(NormalizedText text, int codePoint, int source)
    {
        text.Append(_lowercase ? UnicodeData.Instance.ToLower(codePoint) : codePoint, source);
        if (_lowercase && UnicodeData.SecondOfLower(codePoint) is var second and not 0)
            text.Append(second, source);
    }

    private static void CleanText(NormalizedText text)
    {
        UnicodeData unicode = UnicodeData.Instance;
        ReadOnlySpan<char> chars = text.Chars;
        for (int i = 0; i < chars.Length;)
        {
            int codePoint = CodePoints.At(chars, i, out int length);
            CharacterKinds kinds = unicode[codePoint];
            if ((kinds & CharacterKinds.Control) == 0)
                text.Append((kinds & CharacterKinds.CleanedToSpace) != 0 ? ' ' : codePoint, i);
            i += length;
        }

        text.Commit();
    }

    private static void IsolateChinese(NormalizedText text)
    {
        UnicodeData unicode = UnicodeData.Instance;
        ReadOnlySpan<char> chars = text.Chars;
        for (int i = 0; i < chars.Length;)
        {
            int codePoint = CodePoints.At(chars, i, out int length);
            bool isChinese = (unicode[codePoint] & CharacterKinds.Chinese) != 0;
            if (isChinese)
                text.Append(' ', i);
            text.Append(codePoint, i);
            if (isChinese)
                text.Append(' ', i);
            i += length;
        }

        text.Commit();
    }
}
