using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Takes a character away at the ends of each token, up to so many times.</summary>
/// <param name="content">The character.</param>
/// <param name="start">How many at the start.</param>
/// <param name="stop">How many at the end.</param>
internal sealed class StripDecoder(Rune content, int start, int stop) : Decoder
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static StripDecoder Read(JsonPart part) => new(part.Required("content").Character(), part.Required("start").Limit(), part.Required("stop").Limit());

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens) => [.. tokens.Select(Stripped)];

    /// <exception cref="InvalidDataException">A token is too short: the reference ends there, so there is no text to be equal to.</exception>
    private string Stripped(string token)
    {
        Rune[] runes = [.. token.EnumerateRunes()];
        int from = 0, to = runes.Length;
        while (from < start && from < runes.Length && runes[from] == content)
            from++;
        for (int i = 0; i < stop; i++)
        {
            int index = runes.Length - i - 1;
            if (index < 0)
                throw TooShort(token);
            if (runes[index] != content)
                break;
            to = index;
        }

        return from <= to ? string.Concat(runes[from..to]) : throw TooShort(token);
    }

    private InvalidDataException TooShort(string token) => new(
        $"The decoder Strip takes up to {start} and {stop} times '{content}' from the ends of a token, and '{JsonPart.Shortened(token)}' is shorter. " +
        "Leave such ids out, or export the tokenizer with another decoder.");
}
