namespace Polymodal.Providers.Local.Tokenization;

/// <summary>For speech: of neighbouring equal tokens one is left, padding goes, and the delimiter becomes a space.</summary>
/// <param name="padding">The padding token.</param>
/// <param name="delimiter">What stands between words.</param>
/// <param name="cleanup">Whether delimiters become spaces, and spaces that English does not write go.</param>
internal sealed class CtcDecoder(string padding, string delimiter, bool cleanup) : Decoder
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static CtcDecoder Read(JsonPart part) =>
        new(part.Required("pad_token").Text(), part.Required("word_delimiter_token").Text(), part.Required("cleanup").Boolean());

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens)
    {
        var rewritten = new List<string>();
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1])
                continue;
            string token = Without(tokens[i], padding, "");
            if (cleanup)
                token = Without(WordPieceDecoder.WithoutEnglishSpaces(token), delimiter, " ");
            if (token.Length > 0)
                rewritten.Add(token);
        }

        return rewritten;
    }

    private static string Without(string token, string part, string replacement) => part.Length == 0 ? token : token.Replace(part, replacement, StringComparison.Ordinal);
}
