namespace Polymodal.Benchmarks;

/// <summary>Cuts a list of texts into runs, so that no short text is padded to the longest of the list.</summary>
internal static class SortedRuns
{
    /// <summary>Plans the runs: texts sorted by length, cut where the padded run would pass the budget.</summary>
    /// <param name="lengths">Tokens of each text.</param>
    /// <param name="tokensPerRun">Most tokens of a run, padding included; a longer text is a run of its own.</param>
    /// <returns>The runs, longest texts first, as indices into <paramref name="lengths"/>. Each index occurs once.</returns>
    public static List<int[]> Plan(ReadOnlySpan<int> lengths, int tokensPerRun)
    {
        int[] order = new int[lengths.Length];
        int[] keys = new int[lengths.Length];
        for (int text = 0; text < order.Length; text++)
        {
            order[text] = text;
            keys[text] = -lengths[text];
        }

        Array.Sort(keys, order);
        var runs = new List<int[]>();
        for (int start = 0; start < order.Length;)
        {
            int longest = Math.Max(1, -keys[start]);
            int count = Math.Clamp(tokensPerRun / longest, 1, order.Length - start);
            runs.Add(order[start..(start + count)]);
            start += count;
        }

        return runs;
    }
}
