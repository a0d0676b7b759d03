namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Writes the UTF-8 bytes of the text as characters.</summary>
internal sealed class ByteLevelNormalizer : Normalizer
{
    public override void Apply(NormalizedText text)
    {
        ByteCharacters.Append(text, 0, text.Chars.Length);
        text.Commit();
    }
}
