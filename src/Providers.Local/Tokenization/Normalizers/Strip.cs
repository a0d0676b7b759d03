namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Removes white space at the ends.</summary>
internal sealed class Strip(bool left, bool right) : Normalizer
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static Strip Read(JsonPart part) => new(part.Required("strip_left").Boolean(), part.Required("strip_right").Boolean());

    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text)
    {
        ReadOnlySpan<char> chars = text.Chars;
        int start = 0, end = chars.Length;
        while (left && start < end && IsSpace(chars[start]))
            start++;
        while (right && end > start && IsSpace(chars[end - 1]))
            end--;
        if (end - start < chars.Length)
            text.Trim(start, end);
    }

    private static bool IsSpace(char unit) => (UnicodeData.Instance[unit] & CharacterKinds.WhiteSpace) != 0;
}
