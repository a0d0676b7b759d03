using Polymodal.VectorStore.Ingestion;

namespace Polymodal.VectorStore.Tests.Ingestion;

public sealed class SentenceSplitterTests
{
    [Theory]
    [InlineData("One. Two! Three? Four", "One.|Two!|Three?|Four")]
    [InlineData("Dr. No met Mr. J. R. Smith, e.g. in fig. 3 of vol. 2. Then he left.", "Dr. No met Mr. J. R. Smith, e.g. in fig. 3 of vol. 2.|Then he left.")]
    [InlineData("J.R.R. Tolkien wrote. U.S. troops came at 5 p.m. and left.", "J.R.R. Tolkien wrote.|U.S. troops came at 5 p.m. and left.")]
    [InlineData("Pi is 3.14. Version 1.2.3 of example.com is out. It costs $5.", "Pi is 3.14.|Version 1.2.3 of example.com is out.|It costs $5.")]
    [InlineData("Apples, pears, etc. are fruit. Apples, pears, etc. They are fruit.", "Apples, pears, etc. are fruit.|Apples, pears, etc.|They are fruit.")]
    [InlineData("Wait... what? Wait... No. Wait…well… Yes", "Wait... what?|Wait...|No.|Wait…well…|Yes")]
    [InlineData("\"Stop!\" she said. \"Why?\" He knew (really.) So (he thought.) it was.", "\"Stop!\" she said.|\"Why?\"|He knew (really.)|So (he thought.) it was.")]
    [InlineData("He said “go.” ‘Now?!’ «Oui.» Fin", "He said “go.”|‘Now?!’|«Oui.»|Fin")]
    [InlineData("今日は晴れ。明日は？「はい！」そう。", "今日は晴れ。|明日は？|「はい！」|そう。")]
    [InlineData("Das ist z.B. gut, vgl. Abb. 3. Über 20 kamen. Ärger gab es nicht.", "Das ist z.B. gut, vgl. Abb. 3.|Über 20 kamen.|Ärger gab es nicht.")]
    [InlineData("Это раз. Это два. привет", "Это раз.|Это два. привет")]
    [InlineData("# Title\nFirst line\ngoes on. Next\n\nNew paragraph", "# Title|First line\ngoes on.|Next|New paragraph")]
    [InlineData("Things:\n- one\n- two words\n  go on\n* three\n1. four. Five\n2) six\n10-12 is no item", "Things:|- one|- two words\n  go on|* three|1. four.|Five|2) six\n10-12 is no item")]
    [InlineData("a\r\n\r\nb\rc\n \t \nd", "a|b\rc|d")]
    [InlineData("No space.After it", "No space.After it")]
    [InlineData("  \t\n ", "")]
    [InlineData("", "")]
    [InlineData("!", "!")]
    public void Sentences_end_where_a_reader_sees_it(string text, string expected)
    {
        string[] sentences = [.. SentenceSplitter.Split(text).Select(span => text.Substring(span.Start, span.Length))];
        Assert.Equal(expected.Length == 0 ? [] : expected.Split('|'), sentences);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory, MemberData(nameof(Seeds))]
    public void Random_text_is_covered(int seed)
    {
        string text = HardTexts.Random(seed);
        HardTexts.AssertCovers(text, SentenceSplitter.Split(text).Select(span => (span.Start, span.Length)));
    }

    [Fact]
    public void Hard_text_is_covered() => Assert.All(HardTexts.Fixed, text =>
        HardTexts.AssertCovers(text, SentenceSplitter.Split(text).Select(span => (span.Start, span.Length))));
}
