using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

// Similarities, given only where they mean something.
public sealed partial class MultimodalEmbeddingGenerator
{
    /// <summary>How near two inputs of any media are: inside one space, or over a bridge that was measured and finds more than chance does.</summary>
    /// <remarks>
    /// Each input is taken by its own route when both routes share a space; else by another route that takes it (CLIP's texts for a text beside a picture); else over a bridge.
    /// Scores of different media, or over a bridge, do not compare with scores inside one medium: their vectors lie apart, whatever they show.
    /// </remarks>
    /// <param name="first">One input.</param>
    /// <param name="second">The other.</param>
    /// <param name="options">Options; without an intent it is <see cref="EmbeddingIntent.Similarity"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The score, its measure, the space and the bridges used.</returns>
    /// <exception cref="EmbeddingSpaceMismatchException">The inputs have no space in common; the message names both, the bridges that were refused and why, and what would do.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{AIContent}, EmbeddingGenerationOptions?, CancellationToken)" path="/exception"/>
    public async Task<MultimodalSimilarity> CompareAsync(MultimodalInput first, MultimodalInput second, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (options.GetIntent() is null)
            options = options.WithIntent(EmbeddingIntent.Similarity);
        AIContent[] contents = [await first.ReadAsync(cancellationToken).ConfigureAwait(false), await second.ReadAsync(cancellationToken).ConfigureAwait(false)];

        // Their own vectors come first: what both frameworks give is what a user expects to be compared. An input that only a bridge takes has none.
        int[] routed = [.. Enumerable.Range(0, 2).Where(i => !OnlyCrosses(contents[i]))];
        GeneratedEmbeddings<Embedding<float>> vectors = await GenerateAsync(routed.Select(i => contents[i]), options, cancellationToken).ConfigureAwait(false);
        Embedding<float>?[] own = [.. Enumerable.Range(0, 2).Select(i => Array.IndexOf(routed, i) is >= 0 and var place ? vectors[place] : null)];
        if (own is [{ } left, { } right] && EmbeddingSpace.SpaceIdOf(left) == EmbeddingSpace.SpaceIdOf(right))
            return Scored(left, right, MetricOf(contents[0], options), []);

        List<Way>[] ways = [Ways(0), Ways(1)];
        var pair = ways[0].SelectMany(left => ways[1].Select(right => (Left: left, Right: right)))
            .Where(pair => pair.Left.SpaceId == pair.Right.SpaceId)
            .OrderBy(pair => (pair.Left.Bridge is null ? 0 : 1) + (pair.Right.Bridge is null ? 0 : 1)).FirstOrDefault();
        if (pair.Left is null)
            throw NoWay();
        Embedding<float>[] met = await Task.WhenAll(pair.Left.EmbedAsync(), pair.Right.EmbedAsync()).ConfigureAwait(false);
        return Scored(met[0], met[1], pair.Left.Metric, [.. new[] { pair.Left.Bridge, pair.Right.Bridge }.OfType<Bridge>()]);

        bool OnlyCrosses(AIContent content) =>
            content is not CompositeContent && !Routes.Any(route => route.Takes(RouteTable.MediaTypeOf(0, content))) && Bridges.Any(bridge => bridge.From == RouteTable.ModalityOf(0, content));

        string Home(int i) => own[i] is { } vector ? EmbeddingSpace.SpaceIdOf(vector)! : $"no space of its own ({RouteTable.MediaTypeOf(i, contents[i])})";

        List<Way> Ways(int i)
        {
            AIContent content = contents[i];
            var found = new List<Way>();
            if (own[i] is { } vector)
                found.Add(new(EmbeddingSpace.SpaceIdOf(vector)!, MetricOf(content, options), null, () => Task.FromResult(vector)));
            if (content is CompositeContent)
                return found;
            foreach (Route route in own[i] is null ? [] : _table.All(RouteTable.MediaTypeOf(i, content), i, options).Skip(1))
            {
                if (SpaceOf(route) is { } space)
                    found.Add(new(space.SpaceId, space.Metric, null, async () => (await GenerateAsync([content], options.WithRoutes(route.Name), cancellationToken).ConfigureAwait(false))[0]));
            }

            EmbeddingModality modality = RouteTable.ModalityOf(i, content);
            found.AddRange(Bridges.Where(bridge => bridge.From == modality && Refusal(bridge) is null).Select(bridge => new Way(bridge.Space.SpaceId, bridge.Space.Metric, bridge, () => CrossAsync(bridge, content, options, cancellationToken))));
            return found;
        }

        EmbeddingSpaceMismatchException NoWay()
        {
            EmbeddingModality?[] kinds = [.. contents.Select((content, i) => content is CompositeContent ? (EmbeddingModality?)null : RouteTable.ModalityOf(i, content))];
            string refused = string.Concat(Bridges.Where(bridge => kinds.Contains(bridge.From)).Select(bridge => Refusal(bridge) is { } reason ? $"The bridge '{bridge.Name}' is not used: {reason} " : $"The bridge '{bridge.Name}' leads into {bridge.Space.SpaceId}, where the other input has no way to. "));
            return new(Home(0), Home(1), refused + BridgesFor(kinds[0], kinds[1]));
        }
    }

    /// <summary>How near two vectors of one space are.</summary>
    /// <param name="first">One vector.</param>
    /// <param name="second">The other.</param>
    /// <returns>The score; higher is nearer. The measure is that of the route whose space it is, cosine where none of the routes has it.</returns>
    /// <exception cref="EmbeddingSpaceMismatchException">The vectors are of two spaces; the message names both and the bridges into either. A bridge starts from an input, not from its vector: see <see cref="CompareAsync"/>.</exception>
    /// <exception cref="ArgumentException">A vector does not say its space.</exception>
    public float Compare(Embedding<float> first, Embedding<float> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        string left = Named(first, nameof(first)), right = Named(second, nameof(second));
        if (left == right)
            return Similarity.Of(first, second, Routes.Select(SpaceOf).FirstOrDefault(space => space?.SpaceId == left)?.Metric ?? SimilarityMetric.Cosine);
        Bridge[] leading = [.. Bridges.Where(bridge => (bridge.Space.SpaceId == left || bridge.Space.SpaceId == right) && Refusal(bridge) is null)];
        throw new EmbeddingSpaceMismatchException(left, right, leading.Length > 0
            ? $"Bridges into one of them: {string.Join(", ", leading.Select(bridge => $"{bridge.Name} for {bridge.From}"))}. They start from the inputs: call CompareAsync with those."
            : "No bridge leads from one to the other. Embed both with one model, or with models whose towers share a space.");

        static string Named(Embedding<float> vector, string parameter) => EmbeddingSpace.SpaceIdOf(vector) ?? throw new ArgumentException(
            "the vector does not say its space. Give one that this generator made, or stamp it with EmbeddingSpace.Stamp.", parameter);
    }

    private static MultimodalSimilarity Scored(Embedding<float> first, Embedding<float> second, SimilarityMetric metric, IReadOnlyList<Bridge> bridges) =>
        new(Similarity.Of(first, second, metric), metric, EmbeddingSpace.SpaceIdOf(first)!, bridges);

    // Why a bridge may not be used; null when it may.
    private static string? Refusal(Bridge bridge) => bridge.Quality switch
    {
        null => "its quality was not measured. Measure it on pairs it was not tuned on.",
        { IsAboveChance: false } quality => string.Create(CultureInfo.InvariantCulture, $"its recall@1 of {quality.RecallAt1:0.###} on {quality.Examples} pairs is not above that of permuted pairs, {quality.PermutedRecallAt1:0.###}."),
        _ => null,
    };

    private static string BridgesFor(EmbeddingModality? first, EmbeddingModality? second)
    {
        (EmbeddingModality?, EmbeddingModality?) kinds = Nullable.Compare(first, second) <= 0 ? (first, second) : (second, first);
        return kinds switch
        {
            (null, _) => "What would do: items fused with the same weights of parts that go to the same models.",
            (EmbeddingModality.Text, EmbeddingModality.Image) => "What would do: towers of one space (CLIP, SigLIP), describing the picture and embedding the words, ConSE with a classifier, or a linear map learnt from pairs.",
            (EmbeddingModality.Text, EmbeddingModality.Audio) => "What would do: towers of one space (CLAP), transcribing the speech and embedding the words, or a linear map learnt from pairs.",
            (EmbeddingModality.Image, EmbeddingModality.Audio) => "What would do: a model with towers for both, describing the picture and transcribing the speech into one space of texts, or a linear map learnt from pairs.",
            _ => "What would do: one model for both, describing them and embedding the words, or a linear map learnt from pairs.",
        };
    }

    private static async Task<Embedding<float>> CrossAsync(Bridge bridge, AIContent content, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        DataContent input = content is TextContent text ? new DataContent(Encoding.UTF8.GetBytes(text.Text), "text/plain") : (DataContent)content;
        Embedding<float> vector = await bridge.Generator.GenerateAsync(input, options, cancellationToken).ConfigureAwait(false);
        EmbeddingSpace.EnsureSame(bridge.Space.SpaceId, EmbeddingSpace.SpaceIdOf(vector));
        if (EmbeddingSpace.SpaceIdOf(vector) is null)
            bridge.Space.Stamp(vector);
        return vector;
    }

    // A framework that cannot be used here is no way; whether the routes that inputs go to can be used was told when they were embedded.
    private static EmbeddingSpace? SpaceOf(Route route)
    {
        try
        {
            return route.IsAvailable ? route.Space : null;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or NotSupportedException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private SimilarityMetric MetricOf(AIContent content, EmbeddingGenerationOptions? options) =>
        content is CompositeContent ? SimilarityMetric.Cosine : SpaceOf(_table.For(RouteTable.MediaTypeOf(0, content), 0, options))?.Metric ?? SimilarityMetric.Cosine;

    /// <summary>A vector that an input can have.</summary>
    private sealed record Way(string SpaceId, SimilarityMetric Metric, Bridge? Bridge, Func<Task<Embedding<float>>> EmbedAsync);
}
