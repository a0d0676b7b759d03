namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Lower-cases character by character, so without a final sigma.</summary>
internal sealed class Lowercase : Normalizer
{
    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text) => Rewrite(text);

    /// <summary>Lower-cases a text.</summary>
    public static void Rewrite(NormalizedText text)
    {
        UnicodeData unicode = UnicodeData.Instance;
        ReadOnlySpan<char> chars = text.Chars;
        for (int i = 0; i < chars.Length;)
        {
            int codePoint = CodePoints.At(chars, i, out int length);
            text.Append(ToLower(unicode, codePoint), i);
            if (UnicodeData.SecondOfLower(codePoint) is var second and not 0)
                text.Append(second, i);
            i += length;
        }

        text.Commit();
    }

    private static int ToLower(UnicodeData unicode, int codePoint)
    {
        if (codePoint < 0x80)
            return codePoint is >= 'A' and <= 'Z' ? codePoint + ('a' - 'A') : codePoint;
        return (unicode[codePoint] & CharacterKinds.HasLower) == 0 ? codePoint : unicode.ToLower(codePoint);
    }
}
