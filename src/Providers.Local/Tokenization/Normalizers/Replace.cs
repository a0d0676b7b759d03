namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Replaces the matches of a pattern by fixed characters.</summary>
internal sealed class Replace(TextPattern pattern, string content) : Normalizer
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static Normalizer Read(JsonPart part)
    {
        string content = part.Required("content").Text();
        return part.Required("pattern").FieldOrNull("String")?.Text() is [var from] && content is [var to]
            ? new ReplaceCharacter(from, to) : new Replace(TextPattern.Read(part.Required("pattern")), content);
    }

    public override void Apply(NormalizedText text)
    {
        ReadOnlySpan<char> chars = text.Chars;
        if (chars.IsEmpty)
            return;
        RegexMatches matches = pattern.Matches(chars, text.Regex);
        int consumed = 0;
        bool isChanged = false;
        while (matches.TryNext(out int start, out int end))
        {
            if (end - start == 1 && content.Length == 1 && chars[start] == content[0])
                continue; // A space for a space: nothing moves.

            // As in the reference every character takes the range of the last one that it replaces.
            isChanged = true;
            text.AppendRange(consumed, start);
            text.Reserve(content.Length);
            foreach (char unit in content)
                text.AppendReserved(unit, end - 1);
            consumed = end;
        }

        if (!isChanged)
            return;
        text.AppendRange(consumed, chars.Length);
        text.Commit();
    }
}
