using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Measures how well a bridge finds the right partner, beside what chance finds.</summary>
public static class BridgeMeasurement
{
    private const int Permutations = 20;

    /// <summary>Measures a bridge on examples that it was not tuned on: each text must find its picture or sound among all of them.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <param name="text">Embeds the texts into the bridge's space.</param>
    /// <param name="examples">Pairs; several texts of one item name the same <see cref="DataContent"/> object. At least two items.</param>
    /// <param name="seed">Of the shuffling.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The bridge with its quality.</returns>
    /// <exception cref="ArgumentException">There are fewer than two items.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">The texts' vectors are of another space.</exception>
    public static async Task<Bridge> MeasuredAsync(
        this Bridge bridge, IEmbeddingGenerator<string, Embedding<float>> text, IReadOnlyList<BridgeExample> examples, int seed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bridge);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(examples);
        DataContent[] items = [.. examples.Select(example => example.Item).Distinct(ReferenceEqualityComparer.Instance).Cast<DataContent>()];
        GeneratedEmbeddings<Embedding<float>> found = await bridge.Generator.GenerateAsync(items, cancellationToken: cancellationToken).ConfigureAwait(false);
        GeneratedEmbeddings<Embedding<float>> queries = await text.GenerateAsync(
            examples.Select(example => example.Text), new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Query), cancellationToken).ConfigureAwait(false);
        return bridge.WithQuality(Measure(queries, found, [.. examples.Select(example => Array.FindIndex(items, item => ReferenceEquals(item, example.Item)))], seed, bridge.Space.Metric));
    }

    /// <summary>Measures vectors of one space.</summary>
    /// <param name="queries">What looks for its partner; at least one.</param>
    /// <param name="items">Among which it looks; at least two.</param>
    /// <param name="partners">For each query the place of its partner in <paramref name="items"/>.</param>
    /// <param name="seed">Of the shuffling.</param>
    /// <param name="metric">The measure of nearness.</param>
    /// <returns>The share whose partner came first, and the highest such share of 20 seeded shuffles in which partners are exchanged.</returns>
    /// <exception cref="ArgumentException">The numbers disagree, or there are too few.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Vectors say they come from different spaces.</exception>
    public static BridgeQuality Measure(
        IReadOnlyList<Embedding<float>> queries, IReadOnlyList<Embedding<float>> items, IReadOnlyList<int> partners, int seed = 1, SimilarityMetric metric = SimilarityMetric.Cosine)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(partners);
        if (queries.Count < 1 || items.Count < 2 || partners.Count != queries.Count || partners.Any(partner => partner < 0 || partner >= items.Count))
            throw new ArgumentException($"{queries.Count} queries, {items.Count} items and {partners.Count} partners cannot be measured. Give at least two items, and each query the place of its partner.", nameof(partners));
        int[] first = [.. queries.Select(query => Similarity.TopK(query, items, 1, metric)[0].Index)];
        var random = new Random(seed);
        double highest = 0;
        for (int round = 0; round < Permutations; round++)
        {
            int[] shuffled = [.. Enumerable.Range(0, items.Count)];
            random.Shuffle(shuffled);
            highest = Math.Max(highest, Share(partner => shuffled[partner]));
        }

        return new BridgeQuality(Share(partner => partner), highest, queries.Count);

        double Share(Func<int, int> meant) => (double)Enumerable.Range(0, first.Length).Count(query => first[query] == meant(partners[query])) / first.Length;
    }
}

/// <summary>A picture or sound, and a text that should find it.</summary>
/// <param name="Item">The picture or sound.</param>
/// <param name="Text">The text.</param>
public sealed record BridgeExample(DataContent Item, string Text);
