using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>One item of several parts, e.g. a product's text and its picture, that shall have one vector.</summary>
/// <remarks>Immutable as long as its parts are.</remarks>
public sealed class CompositeContent : AIContent
{
    /// <summary>Creates an item.</summary>
    /// <param name="fusion">How its parts become one vector.</param>
    /// <param name="parts">At least one; each a <see cref="TextContent"/> or a <see cref="DataContent"/>.</param>
    /// <exception cref="ArgumentException">There is no part, or one is null or itself composite.</exception>
    public CompositeContent(CompositeFusion fusion, params IReadOnlyList<AIContent> parts)
    {
        ArgumentNullException.ThrowIfNull(fusion);
        ArgumentNullException.ThrowIfNull(parts);
        Fusion = fusion;
        Parts = [.. parts];
        if (Parts.Count == 0)
            throw new ArgumentException("the item has no parts. Give one at least.", nameof(parts));
        for (int i = 0; i < Parts.Count; i++)
        {
            if (Parts[i] is null or CompositeContent)
                throw new ArgumentException($"part {i} of {Parts.Count} is {(Parts[i] is null ? "null" : "an item of several parts itself")}. Give texts (TextContent), pictures and sounds (DataContent).", nameof(parts));
        }
    }

    /// <summary>How the parts become one vector.</summary>
    public CompositeFusion Fusion { get; }

    /// <summary>The parts, in the order given.</summary>
    public IReadOnlyList<AIContent> Parts { get; }
}

/// <summary>How the parts of a <see cref="CompositeContent"/> become one vector.</summary>
/// <remarks>Immutable.</remarks>
public sealed class CompositeFusion
{
    private CompositeFusion(IReadOnlyDictionary<EmbeddingModality, double> weights, string? framework) => (Weights, Framework) = (weights, framework);

    /// <summary>The weight of each kind of part in an early fusion, their sum 1; empty for a joint one.</summary>
    public IReadOnlyDictionary<EmbeddingModality, double> Weights { get; }

    /// <summary>The framework that fuses the parts itself; null in an early fusion.</summary>
    public string? Framework { get; }

    /// <summary>
    /// Early fusion: each part's vector, scaled to unit length and by the square root of its weight, stands at the place of its kind (text, picture, sound, film); a part
    /// that an item has not is zeros; the whole is scaled to unit length. So the cosine of two whole items is the weighted mean of the cosines of their parts.
    /// </summary>
    /// <remarks>Items compare when their fusion has the same weights and their parts go to the same models: the vectors are of a space of their own.</remarks>
    /// <param name="weights">For each kind of part, at most one of which an item has, how much it counts: finite and above 0. Only their relation matters.</param>
    /// <exception cref="ArgumentException">There is no weight, one kind has two, or one is not above 0.</exception>
    public static CompositeFusion Early(params IReadOnlyList<(EmbeddingModality Modality, double Weight)> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count == 0)
            throw new ArgumentException("there are no weights. Give one for each kind of part.", nameof(weights));
        foreach ((EmbeddingModality modality, double weight) in weights)
        {
            if (!double.IsFinite(weight) || weight <= 0)
                throw new ArgumentException($"the weight of {modality} is {weight}. Give a number above 0, and leave out what shall not count.", nameof(weights));
        }

        if (weights.GroupBy(pair => pair.Modality).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            throw new ArgumentException($"{twice.Key} has {twice.Count()} weights. Give one for each kind of part.", nameof(weights));
        double sum = weights.Sum(pair => pair.Weight);
        return new(new SortedDictionary<EmbeddingModality, double>(weights.ToDictionary(pair => pair.Modality, pair => pair.Weight / sum)), framework: null);
    }

    /// <summary>Joint fusion: a model or service that takes all parts at once gives the vector.</summary>
    /// <param name="framework">The name of its route, see <see cref="Route.Joint(string, IEmbeddingGenerator{CompositeContent, Embedding{float}})"/>.</param>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    public static CompositeFusion Joint(string framework)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(framework);
        return new(new SortedDictionary<EmbeddingModality, double>(), framework);
    }
}
