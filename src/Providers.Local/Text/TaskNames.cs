namespace Polymodal.Providers.Local.Text;

/// <summary>What model folders call the purposes that <see cref="EmbeddingIntent"/> names, where a graph has an adapter for each.</summary>
internal static class TaskNames
{
    private static readonly Dictionary<EmbeddingIntent, string[]> Known = new()
    {
        [EmbeddingIntent.Query] = ["query", "retrieval.query", "search_query"],
        [EmbeddingIntent.Document] = ["document", "passage", "retrieval.passage", "search_document"],
        [EmbeddingIntent.Similarity] = ["similarity", "text-matching"],
        [EmbeddingIntent.Classification] = ["classification"],
        [EmbeddingIntent.Clustering] = ["clustering", "separation"],
    };

    /// <summary>The number of the adapter for an intent.</summary>
    /// <param name="adapters">The adapters' names, in the order of their numbers; null when the folder lists none.</param>
    /// <param name="intent">The intent; null counts as similarity, the purpose that suits both sides.</param>
    /// <returns>The first that fits; 0 when none does.</returns>
    public static int Adapter(IReadOnlyList<string>? adapters, EmbeddingIntent? intent)
    {
        string[] names = Known[intent ?? EmbeddingIntent.Similarity];
        return adapters is null ? 0 : Math.Max(0, adapters.ToList().FindIndex(names.Contains));
    }
}
