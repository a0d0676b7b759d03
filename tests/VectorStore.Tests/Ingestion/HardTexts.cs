using System.Text;

namespace Polymodal.VectorStore.Tests.Ingestion;

/// <summary>Texts that break splitters, and random ones made from the pieces they break on.</summary>
internal static class HardTexts
{
    private static readonly string[] Pieces =
    [
        " ", " ", " ", "\n", "\n\n", "\r\n", "\r", "\t", "\u00A0", "\u3000", ".", ". ", "...", "…", "?!", "。", "！」", "\"", "”", "(", ")", "# ", "## Head ", "\n# ", "\n\n### x\n",
        "\n```\n", "```", "\n~~~~\n", "- ", "\n1. ", "|", "> ", "Dr.", "e.g. ", "J. ", "3.14", "word", "Word", "日本語", "😀", "e\u0301", "\0", "\uD83D", "\uFEFF", "verylongwordwithoutanyborder",
    ];

    public static readonly string[] Fixed =
    [
        "", " ", "\r\n\t\n", ".", "...", "。", "#", "# ", "```", "```\n# no heading\n", "\uD83D", "😀", new string('x', 5000), new string('.', 5000), new string('\n', 5000), new string('#', 5000),
        string.Concat(Enumerable.Repeat("😀", 1000)), string.Concat(Enumerable.Repeat("日本語の文章。", 500)), string.Concat(Enumerable.Repeat("a ", 3000)), string.Concat(Enumerable.Repeat("# h\n", 500)),
        string.Concat(Enumerable.Repeat(". \"", 2000)), string.Concat(Enumerable.Repeat("A sentence of some words. ", 300)),
    ];

    public static string Random(int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (int i = random.Next(1, 600); i > 0; i--)
            text.Append(Pieces[random.Next(Pieces.Length)]);
        return text.ToString();
    }

    /// <summary>Spans are in order, do not overlap, begin and end with visible characters, and nothing visible is outside.</summary>
    public static void AssertCovers(string text, IEnumerable<(int Start, int Length)> spans)
    {
        int behind = 0;
        foreach ((int start, int length) in spans)
        {
            Assert.True(start >= behind && length > 0 && start + length <= text.Length, $"span {start}+{length} after {behind} of {text.Length}");
            Assert.False(char.IsWhiteSpace(text[start]) || char.IsWhiteSpace(text[start + length - 1]));
            Assert.True(string.IsNullOrWhiteSpace(text[behind..start]), $"text before {start} is lost");
            behind = start + length;
        }

        Assert.True(string.IsNullOrWhiteSpace(text[behind..]), "the end of the text is lost");
    }
}
