using System.Globalization;
using System.Text;
using System.Text.Json;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Qdrant;

/// <summary>Word search. The server counts and selects by keywords; the scores are BM25 computed here from the texts that share a word with the query.</summary>
/// <remarks>
/// The mean length of all texts comes from counts too: each point lists the bits of its number of tokens, and a count for each bit gives the sum. For fused queries each
/// point also has a sparse vector of its words, weighted by the server's own idf and a fixed mean length: near to BM25, and quick.
/// </remarks>
internal static class QdrantWords
{
    /// <summary>The name of the sparse vector; a collection's own names have no brackets.</summary>
    public const string SparseName = "(words)";

    /// <summary>How many bits a text's number of tokens may have.</summary>
    public const int SizeBits = 31;

    private const double FixedMeanLength = 150;

    /// <summary>Writes the sparse vector of a text's tokens.</summary>
    public static void Write(Utf8JsonWriter json, string[] tokens)
    {
        json.WritePropertyName(SparseName);
        WriteSparse(json, tokens, count => count * (Bm25.K1 + 1) / (count + Bm25.K1 * (1 - Bm25.B + Bm25.B * tokens.Length / FixedMeanLength)));
    }

    /// <summary>Writes the sparse vector of a query's tokens: each counts as often as it occurs.</summary>
    public static void WriteQuery(Utf8JsonWriter json, string[] tokens) => WriteSparse(json, tokens, count => count);

    /// <summary>Finds the best records.</summary>
    public static async Task<VectorSearchResult> SearchAsync(QdrantCollection collection, string query, VectorSearchOptions options, CancellationToken cancellationToken)
    {
        VectorCollectionDefinition definition = collection.Definition;
        string[] tokens = [.. LexicalTokens.Of(query, definition.Tokenizer)];
        if (tokens.Length == 0)
        {
            await collection.CountAsync(QdrantFilter.HasId([]), cancellationToken).ConfigureAwait(false); // whether the collection is still there
            return new([]);
        }

        string[] different = [.. tokens.Distinct(StringComparer.Ordinal)];
        Bm25 scores = await StatisticsAsync(collection, tokens, different, cancellationToken).ConfigureAwait(false);
        QdrantFilter filter = QdrantFilter.Of(options.Filter, definition.Tokenizer);
        var best = new TopMatches<RecordId>((int)Math.Min((long)options.K + options.Offset, int.MaxValue));
        await foreach (JsonElement point in collection.ScrollAsync(filter.With(QdrantFilter.HasAny("words", different)).ToNode(), withVectors: false, cancellationToken).ConfigureAwait(false))
        {
            VectorRecord record = QdrantPoint.Read(point, definition);
            if (record.Text is null || (!filter.IsExact && !options.Filter!.Matches(record, definition.Tokenizer)))
                continue;
            float score = (float)scores.Score(new TokenCounts(record.Text, definition.Tokenizer));
            if (score > 0 && (options.MinScore is not { } least || score >= least))
                best.Offer(record.Id, score, record.Id);
        }

        (RecordId Id, float Score)[] found = [.. best.Take().Skip(options.Offset)];
        Dictionary<RecordId, VectorRecord> records = (await collection.GetAsync(found.Select(match => match.Id), cancellationToken).ConfigureAwait(false)).ToDictionary(record => record.Id);
        return new([.. found.Where(match => records.ContainsKey(match.Id)).Select(match => new VectorMatch(records[match.Id], match.Score))]); // one may have gone meanwhile
    }

    private static async Task<Bm25> StatisticsAsync(QdrantCollection collection, string[] tokens, string[] different, CancellationToken cancellationToken)
    {
        Task<long> Count(string list, string keyword) => collection.CountAsync(QdrantFilter.Has(list, keyword), cancellationToken);
        Task<long> texts = Count("size", QdrantPoint.HasText);
        Task<long[]> having = Task.WhenAll(different.Select(token => Count("words", token)));
        Task<long[]> bits = Task.WhenAll(Enumerable.Range(0, SizeBits).Select(bit => Count("size", bit.ToString(CultureInfo.InvariantCulture))));
        await Task.WhenAll(texts, having, bits).ConfigureAwait(false);
        long length = (await bits.ConfigureAwait(false)).Select((count, bit) => count << bit).Sum();
        long[] counts = await having.ConfigureAwait(false);
        return new(tokens, await texts.ConfigureAwait(false), length, [.. tokens.Select(token => counts[Array.IndexOf(different, token)])]);
    }

    private static void WriteSparse(Utf8JsonWriter json, string[] tokens, Func<int, double> weight)
    {
        // Two words of one number, which is rare, count as one.
        KeyValuePair<uint, int>[] counts = [.. tokens.CountBy(NumberOf).OrderBy(pair => pair.Key)];
        json.WriteStartObject();
        json.WriteStartArray("indices");
        foreach (KeyValuePair<uint, int> count in counts)
            json.WriteNumberValue(count.Key);
        json.WriteEndArray();
        json.WriteStartArray("values");
        foreach (KeyValuePair<uint, int> count in counts)
            json.WriteNumberValue((float)weight(count.Value));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // FNV-1a, 32 bits: stays the same over versions and machines.
    private static uint NumberOf(string token)
    {
        uint hash = 2166136261;
        foreach (byte value in Encoding.UTF8.GetBytes(token))
            hash = unchecked((hash ^ value) * 16777619);
        return hash;
    }
}
