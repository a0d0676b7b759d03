using Microsoft.Extensions.AI;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore;

public static partial class VectorCollectionExtensions
{
    private const int DiverseCandidates = 50;

    /// <summary>Finds records that are near to a vector and yet unlike one another, see <see cref="MaximalMarginalRelevance"/>.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="query">The query's vector.</param>
    /// <param name="lambda">1 looks at nearness only, 0 at variety only; by default 0.5.</param>
    /// <param name="options">What to look for; the records are chosen among the <c>max(50, 4·(K + Offset))</c> nearest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>In the order chosen; each score is that of the search.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lambda"/> is not from 0 to 1.</exception>
    /// <inheritdoc cref="IVectorCollection.SearchAsync" path="/exception"/>
    public static async Task<VectorSearchResult> SearchDiverseAsync(
        this IVectorCollection collection, Embedding<float> query, double lambda = 0.5, VectorSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(query);
        options ??= VectorSearchOptions.Default;
        VectorRules.CheckOptions(options);
        int wanted = Sum(options.K, options.Offset);
        VectorSearchResult near = await collection.SearchAsync(
            query, options with { K = (int)Math.Clamp(4L * wanted, DiverseCandidates, int.MaxValue), Offset = 0 }, cancellationToken).ConfigureAwait(false);
        var chosen = MaximalMarginalRelevance.Choose(query.Vector, [.. near.Select(match => match.Record.Vectors[options.VectorName].Vector)], wanted, lambda);
        return new([.. chosen.Skip(options.Offset).Select(choice => near[choice.Index])], near.Approximation);
    }

    /// <summary>Finds the groups nearest to a vector, e.g. documents of which passages are stored.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="query">The query's vector.</param>
    /// <param name="key">The payload value that records of a group share; records without it, or with a list, are not found.</param>
    /// <param name="groupSize">How many matches of a group to return at most; at least 1.</param>
    /// <param name="options">What to look for; <c>K</c> and <c>Offset</c> count groups.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Groups by their best match, each with its best matches.</returns>
    /// <inheritdoc cref="IVectorCollection.SearchAsync" path="/exception"/>
    public static async Task<IReadOnlyList<VectorGroup>> SearchGroupsAsync(
        this IVectorCollection collection, Embedding<float> query, string key, int groupSize = 3, VectorSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        options ??= VectorSearchOptions.Default;
        VectorRules.CheckOptions(options);
        int wanted = Sum(options.K, options.Offset);
        VectorFilter hasKey = options.Filter is { } filter ? VectorFilter.And(filter, VectorFilter.Exists(key)) : VectorFilter.Exists(key);

        // Which groups, from a ranking that grows until it holds enough of them.
        VectorSearchResult ranked;
        PayloadValue[] keys;
        for (long k = 4L * wanted; ; k *= 4)
        {
            ranked = await collection.SearchAsync(query, options with { K = (int)Math.Min(k, int.MaxValue), Offset = 0, Filter = hasKey }, cancellationToken).ConfigureAwait(false);
            keys = [.. ranked.Select(match => match.Record.Payload[key]).Where(value => value.Kind != PayloadKind.TextList).Distinct().Take(wanted)];
            if (keys.Length == wanted || ranked.Count < k)
                break;
        }

        var groups = new List<VectorGroup>();
        foreach (PayloadValue value in keys.Skip(options.Offset))
        {
            VectorSearchResult members = await collection.SearchAsync(
                query, options with { K = groupSize, Offset = 0, Filter = VectorFilter.And(hasKey, VectorFilter.Equal(key, value)) }, cancellationToken).ConfigureAwait(false);
            groups.Add(new(value, members));
        }

        return groups;
    }

    /// <summary>Finds records like some and unlike others: those nearest to <c>mean(positive) + (mean(positive) − mean(negative))</c>, of unit vectors when the collection compares by cosine.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="positive">Ids of the records to be like; at least one.</param>
    /// <param name="negative">Ids of the records to be unlike; null for none.</param>
    /// <param name="options">What to look for; null means the defaults. The records named are not found themselves.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">There is no positive id, or a record is not there or lacks the vector.</exception>
    /// <exception cref="VectorStoreException">The store cannot be read; the message says why.</exception>
    public static async Task<VectorSearchResult> RecommendAsync(
        this IVectorCollection collection, IEnumerable<RecordId> positive, IEnumerable<RecordId>? negative = null, VectorSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(positive);
        options ??= VectorSearchOptions.Default;
        VectorRules.CheckOptions(options);
        HashSet<RecordId> liked = [.. positive], disliked = [.. negative ?? []];
        if (liked.Count == 0)
            throw new ArgumentException("there is no record to be like. Give at least one positive id.", nameof(positive));
        double[] like = await MeanAsync(liked).ConfigureAwait(false);
        double[] unlike = disliked.Count > 0 ? await MeanAsync(disliked).ConfigureAwait(false) : like;
        var query = new Embedding<float>(like.Zip(unlike, (plus, minus) => (float)(plus + (plus - minus))).ToArray());
        HashSet<RecordId> named = [.. liked, .. disliked];
        VectorSearchResult found = await collection.SearchAsync(query, options with { K = Sum(Sum(options.K, options.Offset), named.Count), Offset = 0 }, cancellationToken).ConfigureAwait(false);
        return new([.. found.Where(match => !named.Contains(match.Record.Id)).Skip(options.Offset).Take(options.K)], found.Approximation);

        async Task<double[]> MeanAsync(HashSet<RecordId> ids)
        {
            IReadOnlyList<VectorRecord> records = await collection.GetAsync(ids, cancellationToken).ConfigureAwait(false);
            var sum = new double[collection.Definition.Vectors.GetValueOrDefault(options.VectorName)?.Dimensions ?? 0];
            foreach (RecordId id in ids)
            {
                if (records.FirstOrDefault(record => record.Id == id) is not { } record || !record.Vectors.TryGetValue(options.VectorName, out Embedding<float>? vector))
                    throw new ArgumentException($"record '{VectorRules.Shown(id.ToString())}' is not there or has no vector '{options.VectorName}'. Name records that have one.", nameof(positive));
                float scale = VectorScorer.Scale(vector.Vector.Span, collection.Definition.Vectors[options.VectorName].Metric);
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += (double)vector.Vector.Span[i] * scale / ids.Count;
            }

            return sum;
        }
    }

    private static int Sum(int first, int second) => (int)Math.Min((long)first + second, int.MaxValue);
}

/// <summary>Matches that share a payload value.</summary>
/// <param name="Key">The value.</param>
/// <param name="Matches">The group's best matches.</param>
public sealed record VectorGroup(PayloadValue Key, VectorSearchResult Matches);
