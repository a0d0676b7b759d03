using System.Text.Json;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Qdrant;

/// <summary>One search by vectors: the server ranks, the float vectors are scored once more here, as every backend does it, and more are fetched until no other can be among the best.</summary>
/// <remarks>
/// The server adds products of single precision in an order of its own: its score and ours differ from the true one by at most dimensions + 16 roundings each, relative to the lengths of the
/// two vectors (to the distance itself for Euclidean). What it ranks behind the last one fetched cannot score higher than that one's score and this error.
/// </remarks>
internal sealed class QdrantSearch(QdrantCollection collection, VectorScorer scorer, VectorSearchOptions options)
{
    private const double RoundingUnit = 1.0 / (1 << 23); // one of 24 bits, for both sides together
    private const double Underflow = 1e-17;
    private const int Extra = 16, LargestFirst = 10_000;

    private readonly VectorDefinition _vector = collection.Definition.Vectors[options.VectorName];
    private readonly QdrantFilter _filter = QdrantFilter.Of(options.Filter, collection.Definition.Tokenizer);
    private readonly long _wanted = (long)options.K + options.Offset;
    private readonly float[] _query = scorer.Query.ToArray();

    /// <summary>The best records, provably.</summary>
    public async Task<VectorSearchResult> ExactAsync(CancellationToken cancellationToken)
    {
        double length = QdrantPoint.LengthOf(_query);
        var apartPoints = new List<JsonElement>();
        if (_vector.Metric != SimilarityMetric.Cosine)
        {
            QdrantFilter apart = _filter.With(QdrantFilter.Has("apart", QdrantPoint.NameOf(options.VectorName)));
            // A query that overflows single precision is compared here with all.
            await foreach (JsonElement point in collection.ScrollAsync(length > QdrantPoint.LargestSafe ? _filter.ToNode() : apart.ToNode(), withVectors: true, cancellationToken).ConfigureAwait(false))
                apartPoints.Add(point);
            if (length > QdrantPoint.LargestSafe)
                return Result(Best(apartPoints), null);
        }

        double error = (_vector.Dimensions + 16) * RoundingUnit;
        (double fixedError, double scoreError) = _vector.Metric switch
        {
            SimilarityMetric.Cosine => (error + (2 * QdrantPoint.UnitTolerance), 0.0),
            SimilarityMetric.Euclidean => (Underflow, error),
            _ => (Underflow + (error * length * await LongestAsync(cancellationToken).ConfigureAwait(false)), 0.0),
        };
        long limit = _wanted + Extra;
        if (limit > LargestFirst)
            limit = Math.Min(limit, Math.Max(1, await collection.CountAsync(_filter.ToNode(), cancellationToken).ConfigureAwait(false)) + Extra); // the server makes room for as many
        for (; ; limit *= 4)
        {
            List<JsonElement> points = await QueryAsync(limit, isExact: true, cancellationToken).ConfigureAwait(false);
            TopMatches<VectorRecord> found = Best(apartPoints.Concat(points));
            if (points.Count < limit)
                return Result(found, null);
            double last = points[^1].GetProperty("score").GetDouble(); // of Euclidean a distance
            double reachable = _vector.Metric == SimilarityMetric.Euclidean ? -last + (scoreError * last) + fixedError : last + fixedError;
            if (options.MinScore > reachable || (found.IsFull && found.Worst > reachable)) // an equal one may have the smaller id
                return Result(found, null);
        }
    }

    /// <summary>The likely best records by the server's index; null when the filter is not one the server can apply as it is.</summary>
    public async Task<VectorSearchResult?> ApproximateAsync(CancellationToken cancellationToken)
    {
        if (!_filter.IsExact || _wanted > LargestFirst || QdrantPoint.LengthOf(_query) > QdrantPoint.LargestSafe)
            return null;
        List<JsonElement> points = await QueryAsync(_wanted, isExact: false, cancellationToken).ConfigureAwait(false);
        return Result(Best(points), FormattableString.Invariant($"HNSW index, {Candidates} candidates"));
    }

    /// <summary>The rankings by vectors and by words, fused by ranks in the server; null when the filter is not one the server can apply as it is.</summary>
    public async Task<VectorSearchResult?> FusedAsync(string text, HybridFusion fusion, CancellationToken cancellationToken)
    {
        string[] tokens = [.. LexicalTokens.Of(text, collection.Definition.Tokenizer)];
        if (!_filter.IsExact || fusion.RankConstant < 1 || fusion.RankConstant != Math.Truncate(fusion.RankConstant) || tokens.Length == 0 || _wanted > LargestFirst)
            return null;
        long candidates = Math.Max(_wanted, fusion.Candidates);
        JsonElement answer = await collection.SendAsync(HttpMethod.Post, "points/query", json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("prefetch");
            Prefetch(QdrantPoint.NameOf(options.VectorName), () => QdrantPoint.WriteVector(json, "query", _query));
            Prefetch(QdrantWords.SparseName, () =>
            {
                json.WritePropertyName("query");
                QdrantWords.WriteQuery(json, tokens);
            });
            json.WriteEndArray();
            json.WriteStartObject("query");
            json.WriteStartObject("rrf");
            json.WriteNumber("k", (long)fusion.RankConstant);
            json.WriteStartArray("weights");
            json.WriteNumberValue((float)fusion.DenseWeight);
            json.WriteNumberValue((float)(1 - fusion.DenseWeight));
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteNumber("limit", _wanted);
            json.WriteBoolean("with_payload", true);
            json.WriteBoolean("with_vector", true);
            json.WriteEndObject();

            void Prefetch(string vector, Action query)
            {
                json.WriteStartObject();
                query();
                json.WriteString("using", vector);
                json.WriteNumber("limit", candidates);
                QdrantCollection.WriteFilter(json, _filter.Json);
                json.WriteEndObject();
            }
        }, cancellationToken).ConfigureAwait(false);
        IEnumerable<VectorMatch> found = answer.GetProperty("points").EnumerateArray().Select(point => new VectorMatch(QdrantPoint.Read(point, collection.Definition), point.GetProperty("score").GetSingle()));
        return new([.. found.Where(match => options.MinScore is not { } least || match.Score >= least).Skip(options.Offset)], "fused by Qdrant: HNSW index and sparse words");
    }

    private long Candidates => Math.Max(_wanted, collection.SearchCandidates);

    private async Task<List<JsonElement>> QueryAsync(long limit, bool isExact, CancellationToken cancellationToken)
    {
        JsonElement answer = await collection.SendAsync(HttpMethod.Post, "points/query", json =>
        {
            json.WriteStartObject();
            QdrantPoint.WriteVector(json, "query", _query);
            json.WriteString("using", QdrantPoint.NameOf(options.VectorName));
            json.WriteStartObject("params");
            if (isExact)
                json.WriteBoolean("exact", true);
            else
                json.WriteNumber("hnsw_ef", Candidates);
            json.WriteEndObject();
            QdrantCollection.WriteFilter(json, _filter.Json);
            json.WriteNumber("limit", limit);
            json.WriteBoolean("with_payload", true);
            json.WriteBoolean("with_vector", true);
            json.WriteEndObject();
        }, cancellationToken).ConfigureAwait(false);
        return [.. answer.GetProperty("points").EnumerateArray()];
    }

    /// <summary>The length of the longest vector that the server compares.</summary>
    private async Task<double> LongestAsync(CancellationToken cancellationToken)
    {
        string key = QdrantPoint.LengthKey(collection.Definition, options.VectorName);
        JsonElement answer = await collection.SendAsync(HttpMethod.Post, "points/scroll", json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("order_by");
            json.WriteString("key", key);
            json.WriteString("direction", "desc");
            json.WriteEndObject();
            json.WriteNumber("limit", 1);
            QdrantPoint.WriteList(json, "with_payload", [key]);
            json.WriteBoolean("with_vector", false);
            json.WriteEndObject();
        }, cancellationToken).ConfigureAwait(false);
        return answer.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("payload").GetProperty(key).GetDouble()).FirstOrDefault();
    }

    private TopMatches<VectorRecord> Best(IEnumerable<JsonElement> points)
    {
        var best = new TopMatches<VectorRecord>((int)Math.Min(_wanted, int.MaxValue));
        foreach (JsonElement point in points)
        {
            VectorRecord record = QdrantPoint.Read(point, collection.Definition);
            if (!record.Vectors.TryGetValue(options.VectorName, out var vector) || (!_filter.IsExact && !options.Filter!.Matches(record, collection.Definition.Tokenizer)))
                continue;
            float score = scorer.Score(vector.Vector.Span, VectorScorer.Scale(vector.Vector.Span, _vector.Metric));
            if (options.MinScore is not { } least || score >= least)
                best.Offer(record, score, record.Id);
        }

        return best;
    }

    private VectorSearchResult Result(TopMatches<VectorRecord> best, string? approximation) =>
        new([.. best.Take().Skip(options.Offset).Select(match => new VectorMatch(match.Item, match.Score))], approximation);
}
