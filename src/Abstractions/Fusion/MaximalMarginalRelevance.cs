namespace Polymodal;

/// <summary>Chooses vectors that are near to a query and yet unlike one another.</summary>
/// <remarks>Reference: Carbonell and Goldstein, 1998; evaluation/fusion in the recorded references. Safe for concurrent use.</remarks>
public static class MaximalMarginalRelevance
{
    /// <summary>Chooses one by one the vector with the largest <c>lambda · cos(query, vector) − (1 − lambda) · max over the chosen of cos(vector, chosen)</c>.</summary>
    /// <param name="query">The query's vector.</param>
    /// <param name="vectors">The vectors to choose from, as long as the query.</param>
    /// <param name="k">How many to choose at most; at least 1.</param>
    /// <param name="lambda">1 looks at nearness only, 0 at variety only.</param>
    /// <returns>Places in <paramref name="vectors"/> in the order chosen, with the value each was chosen for; equal values: the lower place. The first pick has no second term. The cosine with a vector of zeros is 0.</returns>
    /// <exception cref="ArgumentException">Vectors are of different lengths.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1, or <paramref name="lambda"/> not from 0 to 1.</exception>
    public static IReadOnlyList<(int Index, double Score)> Choose(ReadOnlyMemory<float> query, IReadOnlyList<ReadOnlyMemory<float>> vectors, int k, double lambda)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (!(lambda is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "lambda must be from 0 to 1.");
        double[] unitQuery = Unit(query.Span);
        double[][] units = [.. vectors.Select(vector => vector.Length == query.Length
            ? Unit(vector.Span)
            : throw new ArgumentException($"a vector has {vector.Length} dimensions, the query {query.Length}. Give vectors of one space.", nameof(vectors)))];
        double[] relevance = [.. units.Select(unit => Dot(unit, unitQuery))], nearest = new double[units.Length];
        List<int> left = [.. Enumerable.Range(0, units.Length)];
        var chosen = new List<(int, double)>();
        while (chosen.Count < k && left.Count > 0)
        {
            (int Index, double Score) best = left.Select(i => (Index: i, Score: (lambda * relevance[i]) - ((1 - lambda) * nearest[i]))).MaxBy(candidate => candidate.Score);
            left.Remove(best.Index);
            foreach (int i in left)
            {
                double similarity = Dot(units[i], units[best.Index]);
                nearest[i] = chosen.Count == 0 ? similarity : Math.Max(nearest[i], similarity);
            }

            chosen.Add(best);
        }

        return chosen;
    }

    private static double[] Unit(ReadOnlySpan<float> vector)
    {
        var unit = new double[vector.Length];
        double squares = 0;
        foreach (float value in vector)
            squares += (double)value * value;
        double norm = Math.Sqrt(squares);
        for (int i = 0; i < unit.Length && norm > 0; i++)
            unit[i] = vector[i] / norm;
        return unit;
    }

    private static double Dot(double[] first, double[] second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
            sum += first[i] * second[i];
        return sum;
    }
}
