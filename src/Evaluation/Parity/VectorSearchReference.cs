using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore;

namespace Polymodal.Evaluation.Parity;

/// <summary>The exact nearest of made-up vectors, by cosine, dot product and Euclidean distance, with a filter and with a bound.</summary>
/// <remarks>Whole numbers must give the recorded ids one by one; elsewhere neighbours closer than single precision tells apart may change places.</remarks>
internal sealed class VectorSearchReference(Reference reference)
{
    private const double Rounding = 1e-5;

    private static readonly (string Name, SimilarityMetric Metric)[] Metrics =
        [("cosine", SimilarityMetric.Cosine), ("dot", SimilarityMetric.DotProduct), ("l2_squared", SimilarityMetric.Euclidean)];

    public static bool Reads(Reference reference) => reference.Json.TryGetProperty("sets", out _) && reference.Json.TryGetProperty("generator_check", out _);

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("sets").EnumerateArray().SelectMany(set => Metrics.Select(metric => Case(set, metric.Name, metric.Metric)))];

    private ParityCase Case(JsonElement set, string name, SimilarityMetric metric)
    {
        string id = set.GetProperty("id").GetString()!, caseId = $"{id}-{name}";
        bool isWhole = id == "grid";
        return !isWhole && id != "real"
            ? ParityCase.Unsupported(caseId, $"vectors of the kind '{id}' are not built; built: grid, real")
            : new ParityCase(caseId, null, () => Compare(set, caseId, name, metric, isWhole));
    }

    private List<ParityRow> Compare(JsonElement set, string caseId, string name, SimilarityMetric metric, bool isWhole)
    {
        (float[][] documents, float[][] queries) = Made(set, isWhole);
        List<ParityRow> rows = [Hash(caseId, "documents", documents, set.GetProperty("documents_sha256_float32")), Hash(caseId, "queries", queries, set.GetProperty("queries_sha256_float32"))];
        using var store = new MemoryVectorStore();
        IVectorCollection collection = store.GetOrCreateCollectionAsync("c", new(new VectorDefinition { SpaceId = "made-up", Dimensions = documents[0].Length, Metric = metric })).GetAwaiter().GetResult();
        collection.UpsertAsync(documents.Select((document, i) => new VectorRecord { Id = i, Embedding = new(document), Payload = new() { ["mod 10"] = i % 10 } })).GetAwaiter().GetResult();
        foreach (JsonElement result in set.GetProperty("results").EnumerateArray())
        {
            int number = result.GetProperty("query").GetInt32();
            var query = new Embedding<float>(queries[number]);
            rows.Add(Ranking($"query {number}", Search(new()), result.GetProperty(name)));
            if (metric == SimilarityMetric.DotProduct)
                rows.Add(Ranking($"query {number}, id mod 10 is 3", Search(new() { Filter = VectorFilter.Equal("mod 10", 3) }), result.GetProperty("dot_where_id_mod_10_is_3")));
            if (metric == SimilarityMetric.Cosine)
                rows.Add(Bounded($"query {number}, bound", result.GetProperty("cosine_at_least")));

            VectorSearchResult Search(VectorSearchOptions options) => collection.SearchAsync(query, options with { K = reference.Json.GetProperty("top").GetInt32() }).GetAwaiter().GetResult();

            ParityRow Bounded(string tensor, JsonElement recorded)
            {
                double bound = recorded.GetProperty("threshold").GetDouble();
                int Count(double least) => collection.SearchAsync(query, new VectorSearchOptions { K = documents.Length, MinScore = (float)least }).GetAwaiter().GetResult().Count;
                int expected = recorded.GetProperty("count").GetInt32();
                bool agrees = Count(bound + Rounding) <= expected && expected <= Count(bound - Rounding);
                return new(caseId, tensor, null, null, agrees ? ParityVerdict.Pass : ParityVerdict.Fail, agrees ? null : $"another number than {expected} lies above the bound");
            }
        }

        return rows;

        ParityRow Ranking(string tensor, VectorSearchResult found, JsonElement recorded)
        {
            long[] ids = [.. recorded.GetProperty("ids").EnumerateArray().Select(value => value.GetInt64())];
            double[] scores = [.. recorded.GetProperty("scores").EnumerateArray().Select(value => value.GetDouble())];
            VectorMatch[] ours = [.. found.Take(ids.Length)];
            if (ours.Length != ids.Length)
                return new(caseId, tensor, null, null, ParityVerdict.Fail, $"{ours.Length} matches, recorded {ids.Length}");
            bool isExact = isWhole && metric != SimilarityMetric.Cosine;
            double largest = 0;
            string? note = null;
            for (int i = 0; i < ids.Length; i++)
            {
                double score = metric == SimilarityMetric.Euclidean ? (double)ours[i].Score * ours[i].Score : ours[i].Score;
                double difference = Math.Abs(score - scores[i]), allowed = Rounding * Math.Max(1, Math.Abs(scores[i]));
                largest = Math.Max(largest, difference);
                if (difference > allowed)
                    note ??= $"at {i}: score {score:G9}, recorded {scores[i]:G9}";
                int place = Array.IndexOf(ids, ours[i].Record.Id.AsInteger());
                // A neighbour that is not listed ties with the last one, or the score above would differ.
                if (ours[i].Record.Id != ids[i] && (isExact || (place >= 0 && Math.Abs(scores[place] - scores[i]) > 2 * allowed)))
                    note ??= $"at {i}: id {ours[i].Record.Id}, recorded {ids[i]}";
            }

            return new(caseId, tensor, largest, null, note is null ? ParityVerdict.Pass : ParityVerdict.Fail, note);
        }
    }

    private (float[][] Documents, float[][] Queries) Made(JsonElement set, bool isWhole)
    {
        JsonElement seeds = set.GetProperty("seeds");
        int width = reference.Json.GetProperty("dimensions").GetInt32(), centres = reference.Json.GetProperty("centres").GetInt32();
        ulong seed = seeds.GetProperty("documents").GetUInt64(), centreSeed = seeds.GetProperty("centres").GetUInt64();
        float[][] documents = Rows(reference.Json.GetProperty("n").GetInt32(), seed, 8), queries = Rows(reference.Json.GetProperty("queries").GetInt32(), seeds.GetProperty("queries").GetUInt64(), 16);
        for (int i = 999; i < documents.Length; i += 1000)
            documents[i] = documents[i - 1];
        documents[13] = new float[width];
        documents[14] = [.. documents[15].Select(value => 2 * value)];
        queries[0] = documents[998];
        queries[1] = [.. documents[500].Select(value => 0 - value)];
        queries[2] = new float[width];
        queries[3] = documents[15];
        return (documents, queries);

        float[][] Rows(int count, ulong rowSeed, uint spread) => [.. Enumerable.Range(0, count).Select(row => Enumerable.Range(0, width).Select(column =>
        {
            ulong centre = SplitMix64.At(centreSeed, (ulong)((row % centres * width) + column)), own = SplitMix64.At(rowSeed, (ulong)(((long)row * width) + column));
            return isWhole
                ? SplitMix64.Below(centre, 16) - 8 + SplitMix64.Below(own, spread) - ((int)spread / 2)
                : (float)((0.5 * SplitMix64.Bell(centre)) + SplitMix64.Bell(own));
        }).ToArray())];
    }

    private static ParityRow Hash(string caseId, string tensor, float[][] rows, JsonElement recorded)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] row in rows)
            hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        bool agrees = Convert.ToHexStringLower(hash.GetHashAndReset()) == recorded.GetString();
        return new(caseId, tensor, null, null, agrees ? ParityVerdict.Pass : ParityVerdict.Fail, agrees ? null : "the numbers made are not those recorded");
    }
}
