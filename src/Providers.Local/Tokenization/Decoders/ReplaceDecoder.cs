using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Replaces the matches of a pattern in each token by fixed characters.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : Decoder
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static ReplaceDecoder Read(JsonPart part) => new(TextPattern.Read(part.Required("pattern")), part.Required("content").Text());

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens)
    {
        var scratch = new RegexScratch();
        return [.. tokens.Select(token => Replaced(token, scratch))];
    }

    private string Replaced(string token, RegexScratch scratch)
    {
        if (token.Length == 0)
            return token;
        var text = new StringBuilder();
        RegexMatches matches = pattern.Matches(token, scratch);
        int consumed = 0;
        while (matches.TryNext(out int start, out int end))
        {
            text.Append(token, consumed, start - consumed).Append(content);
            consumed = end;
        }

        return text.Append(token, consumed, token.Length - consumed).ToString();
    }
}
