namespace Polymodal.Benchmarks;

/// <summary>Texts of any length, of the words of real sentences.</summary>
internal static class Texts
{
    private static readonly string[] Words = string.Join(' ', Sentences.Take(1_000)).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Texts of consecutive words, always the same ones for a seed. Their numbers of words are spread evenly over the logarithm, as those of
    /// questions, titles, sentences and passages are: as many texts of 5 to 25 words as of 25 to 125.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="fewest">Fewest words of a text.</param>
    /// <param name="most">Most words of a text.</param>
    /// <param name="seed">The seed.</param>
    public static string[] Mix(int count, int fewest, int most, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Text(random, (int)Math.Round(fewest * Math.Pow((double)most / fewest, random.NextDouble()))))];
    }

    /// <summary>One text.</summary>
    public static string Text(Random random, int words)
    {
        int start = random.Next(Words.Length - words);
        return string.Join(' ', Words[start..(start + words)]);
    }
}
