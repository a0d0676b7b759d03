namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Puts characters before a text that is not empty.</summary>
internal sealed class Prepend(string prefix) : Normalizer
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static Prepend Read(JsonPart part) => new(part.Required("prepend").Text());

    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text)
    {
        int length = text.Chars.Length;
        if (length == 0)
            return;
        text.Reserve(prefix.Length + length);
        foreach (char unit in prefix)
            text.AppendReserved(unit, 0);
        text.AppendRange(0, length);
        text.Commit();
    }
}
