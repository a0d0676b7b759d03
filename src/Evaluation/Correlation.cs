namespace Polymodal.Evaluation;

/// <summary>Correlation of two lists of numbers.</summary>
internal static class Correlation
{
    /// <summary>Of the values, −1 to 1; NaN where one list is constant.</summary>
    /// <param name="first">One list.</param>
    /// <param name="second">The other, as long.</param>
    public static double Pearson(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        double firstMean = first.Average(), secondMean = second.Average(), product = 0, firstSquare = 0, secondSquare = 0;
        for (int i = 0; i < first.Count; i++)
        {
            double one = first[i] - firstMean, other = second[i] - secondMean;
            product += one * other;
            firstSquare += one * one;
            secondSquare += other * other;
        }

        return product / Math.Sqrt(firstSquare * secondSquare);
    }

    /// <summary>Of the ranks, −1 to 1, equal values sharing the mean of theirs; NaN where one list is constant.</summary>
    /// <param name="first">One list.</param>
    /// <param name="second">The other, as long.</param>
    public static double Spearman(IReadOnlyList<double> first, IReadOnlyList<double> second) => Pearson(Ranks(first), Ranks(second));

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        double[] ranks = new double[order.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]];)
                end++;
            foreach (int place in order.AsSpan(start..end))
                ranks[place] = (start + end + 1) / 2.0;
        }

        return ranks;
    }
}
