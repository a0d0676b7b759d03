using Polymodal.Providers.Local.LongText;

namespace Polymodal.Providers.Local.Tests.LongText;

/// <summary>The arithmetic of windows, counted by hand. A boundary is written W between words, t within a word, - within a character.</summary>
public class TokenWindowsTests
{
    [Theory]
    [InlineData("", 4, 0, "0-0")]
    [InlineData("W", 4, 3, "0-1")]
    [InlineData("WWWW", 4, 1, "0-4")]
    [InlineData("WWWWW", 4, 0, "0-4 4-5")]
    [InlineData("WWWWWWWWWW", 4, 0, "0-4 4-8 8-10")] // a short last window
    [InlineData("WWWWWWWWWW", 4, 1, "0-4 3-7 6-10")]
    [InlineData("WWWWWWWWWW", 4, 3, "0-4 1-5 2-6 3-7 4-8 5-9 6-10")]
    [InlineData("WttWttWttW", 4, 0, "0-3 3-6 6-10")] // whole words
    [InlineData("WttWttWttW", 4, 2, "0-3 3-6 6-10")] // two tokens before 3 are no whole word
    [InlineData("WttWttWttW", 4, 3, "0-3 3-6 6-10")] // a whole word repeated would leave room for nothing new
    [InlineData("WtWtWtWt", 4, 2, "0-4 2-6 4-8")]
    [InlineData("WtWtWtWt", 4, 3, "0-4 2-6 4-8")] // three tokens back lies within a word: two
    [InlineData("Wttttttt", 3, 0, "0-3 3-6 6-8")] // a word longer than the window
    [InlineData("Wttttttt", 3, 1, "0-3 2-5 4-7 6-8")]
    [InlineData("W--t--t", 3, 0, "0-3 3-6 6-7")]
    [InlineData("W---t---", 3, 0, "0-4 4-8")] // a character of four tokens is never cut
    [InlineData("W---t---", 3, 2, "0-4 4-8")]
    public void Windows_are_as_counted_by_hand(string boundaries, int size, int overlap, string expected)
    {
        TokenBoundary[] read = [.. boundaries.Select(letter => letter switch { 'W' => TokenBoundary.Word, 't' => TokenBoundary.Token, _ => TokenBoundary.None })];
        Assert.Equal(expected, string.Join(' ', TokenWindows.Plan(read, size, overlap).Select(window => $"{window.Start}-{window.End}")));
    }

    [Fact]
    public void Boundaries_come_from_offsets_words_and_white_space()
    {
        // "ab cd😀": tokens a, b, cd, and two for the one character at 5 to 7
        TokenBoundary[] boundaries = TokenWindows.Boundaries("ab cd😀", [new(0, 1), new(1, 2), new(3, 5), new(5, 7), new(5, 7)], [0, 0, 0, 0, 0]);
        Assert.Equal([TokenBoundary.Word, TokenBoundary.Token, TokenBoundary.Word, TokenBoundary.Token, TokenBoundary.None], boundaries);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Windows_cover_all_tokens_go_forward_and_keep_to_size_and_overlap(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 2000; run++)
        {
            TokenBoundary[] boundaries = [.. Enumerable.Range(0, random.Next(40)).Select(i => i == 0 ? TokenBoundary.Word : (TokenBoundary)random.Next(1, 3))];
            int size = random.Next(1, 12), overlap = random.Next(size);
            List<Range> windows = TokenWindows.Plan(boundaries, size, overlap);
            Assert.Equal((0, boundaries.Length), (windows[0].Start.Value, windows[^1].End.Value));
            Assert.All(windows, window => Assert.InRange(window.End.Value - window.Start.Value, 0, size));
            foreach ((Range before, Range after) in windows.Zip(windows.Skip(1)))
            {
                Assert.True(after.Start.Value > before.Start.Value && after.End.Value > before.End.Value);
                Assert.InRange(before.End.Value - after.Start.Value, 0, overlap);
            }
        }
    }
}
