namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Makes the mark at the end of a word a space, that of the last token nothing.</summary>
internal sealed class BpeDecoder(string suffix) : Decoder
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static BpeDecoder Read(JsonPart part) => new(part.Required("suffix").Text());

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens)
    {
        if (suffix.Length == 0)
            return [.. tokens.Select((token, index) => index == tokens.Count - 1 ? token : BetweenAll(token))];
        return [.. tokens.Select((token, index) => token.Replace(suffix, index == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
    }

    /// <summary>An empty mark is before and behind every character.</summary>
    private static string BetweenAll(string token) => string.Concat(token.EnumerateRunes().Select(rune => $" {rune}")) + " ";
}
