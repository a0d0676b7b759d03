namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Random texts over all of Unicode that lean to what tokenizers trip over; the same seed gives the same text.</summary>
internal static class RandomText
{
    private static readonly string[] Snippets =
    [
        " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u3000", "\u200B", "\u200D", "\uFEFF", "\0", "'s", "'LL", "\u2019re", "##", "▁", "Ġ", "</w>", "[CLS]", "[MASK]", "<s>", "</s>", "<|endoftext|>", "<0x0A>", "▁▁", "e\u0301", "ﬁ", "İ", "ß", "ς",
        "\u0338", "\u0F73", "가", "\u1100\u1161", "日本", "한국", "ไทย", "👍🏽", "👩‍👩‍👧", "🇫🇷", "𝒜", "½", "²", "１２", "123456", "...", "don't", "Hello", "WORLD", "the quick", "e-mail@x.org", "\uD800", "\uDC00", "\uFFFD", "\u0085", "\u2028",
    ];

    /// <summary>A text of a few to a few dozen parts.</summary>
    public static string Create(Random random)
    {
        var text = new System.Text.StringBuilder();
        for (int parts = random.Next(24); parts > 0; parts--)
        {
            switch (random.Next(6))
            {
                case 0:
                    text.Append(Snippets[random.Next(Snippets.Length)]);
                    break;
                case 1:
                    text.Append((char)random.Next(0x80));
                    break;
                case 2:
                    text.Append((char)random.Next(0x10000)); // half of a pair too
                    break;
                case 3:
                    int codePoint = random.Next(0x110000 - 0x800);
                    text.Append(char.ConvertFromUtf32(codePoint < 0xD800 ? codePoint : codePoint + 0x800));
                    break;
                case 4:
                    text.Append(' ');
                    break;
                default:
                    for (int letters = random.Next(1, 9); letters > 0; letters--)
                        text.Append((char)('a' + random.Next(26)));
                    break;
            }
        }

        return text.ToString();
    }
}
