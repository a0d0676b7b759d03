namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Joins continuations to their word, words by a space; with <paramref name="cleanup"/> drops the spaces that English does not write.</summary>
/// <param name="prefix">What a continuation starts with.</param>
/// <param name="cleanup">Whether to drop spaces before punctuation and contractions.</param>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : Decoder
{
    private static readonly (string From, string To)[] Cleanups =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>Reads it from tokenizer.json.</summary>
    public static WordPieceDecoder Read(JsonPart part) => new(part.Required("prefix").Text(), part.Required("cleanup").Boolean());

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens)
    {
        var rewritten = new string[tokens.Count];
        for (int i = 0; i < rewritten.Length; i++)
        {
            string token = tokens[i];
            if (i > 0)
                token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
            rewritten[i] = cleanup ? WithoutEnglishSpaces(token) : token;
        }

        return rewritten;
    }

    /// <summary>A token without the spaces that English does not write.</summary>
    public static string WithoutEnglishSpaces(string token) => Cleanups.Aggregate(token, (cleaned, rule) => cleaned.Replace(rule.From, rule.To, StringComparison.Ordinal));
}
