using System.Diagnostics;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.VectorStore.Tests.Ingestion;

public sealed class TextChunkerTests
{
    private static IReadOnlyList<TextChunk> Chunk(string text, int max = 900, TextFormat format = TextFormat.Markdown) =>
        new TextChunker(new() { MaxCharacters = max }).Chunk(text, format);

    private static void AssertSound(string text, int max, TextFormat format)
    {
        IReadOnlyList<TextChunk> chunks = Chunk(text, max, format);
        HardTexts.AssertCovers(text, chunks.Select(chunk => (chunk.Start, chunk.Length)));
        Assert.All(chunks, chunk =>
        {
            Assert.InRange(chunk.Length, 1, max);
            Assert.Equal(text.Substring(chunk.Start, chunk.Length), chunk.Text);
        });
        foreach ((TextChunk first, TextChunk second) in chunks.Zip(chunks.Skip(1)))
        {
            if (first.Start + first.Length < second.Start)
                continue;
            // Two chunks touch: a sentence of a script without spaces ended there, or a word alone is longer than a chunk.
            bool atSentence = "。！？｡.!?…\"')]}»”’›」』）】》〉*_".Contains(first.Text[^1], StringComparison.Ordinal);
            string[] words = text[first.Start..(second.Start + second.Length)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            Assert.True(atSentence || words.Any(word => word.Length > max || first.Length + 1 >= max), $"cut inside a word at {second.Start}");
            Assert.False(char.IsHighSurrogate(first.Text[^1]) && char.IsLowSurrogate(second.Text[0]), "cut inside a character");
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory, MemberData(nameof(Seeds))]
    public void Random_text_is_covered_in_order_and_within_the_limit(int seed)
    {
        string text = HardTexts.Random(seed);
        foreach (int max in (int[])[20, 21, 64, 900])
        {
            AssertSound(text, max, TextFormat.Markdown);
            AssertSound(text, max, TextFormat.Plain);
        }
    }

    [Fact]
    public void Hard_text_is_covered_in_order_and_within_the_limit() => Assert.All(HardTexts.Fixed, text =>
    {
        AssertSound(text, 20, TextFormat.Markdown);
        AssertSound(text, 900, TextFormat.Markdown);
        AssertSound(text, 20, TextFormat.Plain);
    });

    [Fact]
    public void Headings_begin_chunks_and_are_kept_as_a_path()
    {
        const string Text = "Intro.\n\n# Guide\n\n## Install ##\nRun it.\n\n### Linux\nUse apt.\n## Use\nAsk.\n# End\n#hashtag is text\n####### seven is text";

        IReadOnlyList<TextChunk> chunks = Chunk(Text);

        Assert.Equal(
            [
                (null, "Intro."),
                ("Guide > Install", "# Guide\n\n## Install ##\nRun it."),
                ("Guide > Install > Linux", "### Linux\nUse apt."),
                ("Guide > Use", "## Use\nAsk."),
                ("End", "# End\n#hashtag is text\n####### seven is text"),
            ],
            chunks.Select(chunk => (chunk.Heading, chunk.Text)));
        Assert.Equal((null, Text), (Chunk(Text, format: TextFormat.Plain)[0].Heading, Assert.Single(Chunk(Text, format: TextFormat.Plain)).Text));
    }

    [Theory, InlineData("```", "```"), InlineData("~~~~", "~~~~~"), InlineData("  ```sh", "```  ")]
    public void A_number_sign_in_code_is_no_heading(string open, string close)
    {
        string text = $"# Title\n\n{open}\n# comment\n\n~~~\n# another\n{close}\n\nafter\n# Next\nx";
        Assert.Equal(["Title", "Next"], Chunk(text).Select(chunk => chunk.Heading));
    }

    [Fact]
    public void An_unclosed_code_block_runs_to_the_end() =>
        Assert.Equal(["Title"], Chunk("# Title\n```\n# comment\n\n# comment").Select(chunk => chunk.Heading));

    [Fact]
    public void Indented_number_signs_are_code_not_headings() =>
        Assert.Equal("A", Assert.Single(Chunk("# A\n\n    # indented\n\t# tab")).Heading);

    [Fact]
    public void Paragraphs_share_a_chunk_while_they_fit_and_are_cut_at_sentences_when_they_do_not()
    {
        const string Text = "First paragraph here.\n\nSecond one.\n\nThe third paragraph is long. It has three sentences. This is the last.";
        Assert.Equal(
            ["First paragraph here.\n\nSecond one.", "The third paragraph is long.", "It has three sentences. This is the last."],
            Chunk(Text, max: 45).Select(chunk => chunk.Text));
    }

    [Fact]
    public void A_heading_stays_with_the_beginning_of_a_long_paragraph()
    {
        string sentences = string.Join(' ', Enumerable.Repeat("Ten chars.", 8)), words = string.Join(' ', Enumerable.Repeat("wordy", 16));
        Assert.Equal("# Head\n" + string.Join(' ', Enumerable.Repeat("Ten chars.", 7)), Chunk("# Head\n" + sentences, max: 90)[0].Text);
        Assert.Equal("# Head\n" + string.Join(' ', Enumerable.Repeat("wordy", 15)), Chunk("# Head\n" + words, max: 100)[0].Text);
    }

    [Fact]
    public void Long_code_is_cut_at_lines()
    {
        string code = "```\n" + string.Join('\n', Enumerable.Range(0, 40).Select(i => $"call({i}). And. More.")) + "\n```";
        Assert.All(Chunk(code, max: 100), chunk => Assert.Matches(@"^(```|call\()(.|\n)*(More\.|```)$", chunk.Text));
    }

    [Fact]
    public void Time_grows_linearly()
    {
        // Quadratic work on these would take minutes.
        foreach (string piece in (string[])["x", " ", ". ", "\n", "# ", "# h\n", "```\n", ".\" (", "a.b", "日本。", "- x\n", "word "])
        {
            string text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
            var watch = Stopwatch.StartNew();
            HardTexts.AssertCovers(text, Chunk(text).Select(chunk => (chunk.Start, chunk.Length)));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"'{piece}' took {watch.Elapsed}");
        }
    }

    [Theory, InlineData(19), InlineData(1_000_001)]
    public void A_limit_out_of_range_is_named(int max) =>
        Assert.Equal("MaxCharacters", Assert.Throws<ArgumentOutOfRangeException>(() => new TextChunker(new() { MaxCharacters = max })).ParamName);
}
