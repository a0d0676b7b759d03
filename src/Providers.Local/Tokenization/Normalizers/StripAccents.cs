namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Removes combining marks. It decomposes nothing: é in one character keeps its accent unless NFD came before.</summary>
internal sealed class StripAccents : Normalizer
{
    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text) => Remove(text, CharacterKinds.Mark);

    /// <summary>Removes every code point of some kinds.</summary>
    public static void Remove(NormalizedText text, CharacterKinds kinds)
    {
        UnicodeData unicode = UnicodeData.Instance;
        ReadOnlySpan<char> chars = text.Chars;
        for (int i = 0; i < chars.Length;)
        {
            int codePoint = CodePoints.At(chars, i, out int length);
            if ((unicode[codePoint] & kinds) == 0)
                text.Append(codePoint, i);
            i += length;
        }

        text.Commit();
    }
}
