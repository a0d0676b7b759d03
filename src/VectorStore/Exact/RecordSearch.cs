namespace Polymodal.VectorStore.Exact;

/// <summary>Ranks scored items as the options ask: bound, best first, equal scores by id, offset.</summary>
internal static class RecordSearch
{
    /// <summary>The matches of a search.</summary>
    /// <param name="scored">Each item that may be found, with its score.</param>
    /// <param name="options">Checked options; their filter is the caller's business.</param>
    /// <param name="read">Makes the record of an item that was found.</param>
    /// <param name="idOf">An item's id.</param>
    public static VectorSearchResult Rank<T>(IEnumerable<(T Item, float Score)> scored, VectorSearchOptions options, Func<T, RecordId> idOf, Func<T, VectorRecord> read)
    {
        var best = new TopMatches<T>((int)Math.Min((long)options.K + options.Offset, int.MaxValue));
        foreach ((T item, float score) in scored)
        {
            if (options.MinScore is not { } least || score >= least)
                best.Offer(item, score, idOf(item));
        }

        return new([.. best.Take().Skip(options.Offset).Select(match => new VectorMatch(read(match.Item), match.Score))]);
    }
}
