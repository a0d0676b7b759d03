using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Recommends items like those that a user liked and unlike those that the user did not: by content, so that new items can be found at once.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class Recommender
{
    private readonly double[][] _units;
    private readonly Embedding<float>[] _items;

    /// <summary>Keeps the items' vectors.</summary>
    /// <param name="items">Of one space; at least one.</param>
    /// <exception cref="ArgumentException">There are none, or lengths differ.</exception>
    /// <exception cref="EmbeddingSpaceMismatchException">Items are of different spaces.</exception>
    public Recommender(IReadOnlyList<Embedding<float>> items)
    {
        _units = UnitVectors.Checked(items, nameof(items));
        _items = [.. items];
    }

    /// <summary>The vector of a user: the sum of rating times unit vector over the rated items, scaled to unit length; in the items' space.</summary>
    /// <param name="ratings">Places of items, and what the user thinks of them: above 0 liked, below 0 not.</param>
    /// <exception cref="ArgumentException">There are no ratings, a place is none, or likes and dislikes cancel out.</exception>
    public Embedding<float> UserVector(IReadOnlyDictionary<int, double> ratings)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        double[] sum = new double[_units[0].Length];
        foreach ((int item, double rating) in ratings)
        {
            if (item < 0 || item >= _units.Length || !double.IsFinite(rating))
                throw new ArgumentException($"the rating of item {item} is {rating}; there are items 0 to {_units.Length - 1}. Give finite ratings of these.", nameof(ratings));
            UnitVectors.Add(sum, _units[item], rating);
        }

        if (Array.TrueForAll(sum, value => value == 0))
            throw new ArgumentException("the ratings say nothing: there are none, or they cancel out. Rate an item.", nameof(ratings));
        return new Embedding<float>(UnitVectors.Single(UnitVectors.Unit(sum))) { AdditionalProperties = _items[0].AdditionalProperties is { } origin ? new(origin) : null };
    }

    /// <summary>Items for a user, those that were rated left out.</summary>
    /// <param name="ratings">As for <see cref="UserVector"/>.</param>
    /// <param name="k">How many at most; at least 1.</param>
    /// <param name="variety">0 takes the nearest whatever they are; above it, up to 1, items that are like one another give way to others (maximal marginal relevance).</param>
    /// <returns>Places of items in the order chosen, each with its nearness to the user (cosine).</returns>
    /// <exception cref="ArgumentException">As for <see cref="UserVector"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1, or <paramref name="variety"/> not from 0 to 1.</exception>
    public IReadOnlyList<ScoredIndex> Recommend(IReadOnlyDictionary<int, double> ratings, int k = 10, double variety = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (!(variety is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(variety), variety, "variety must be from 0 to 1.");
        Embedding<float> user = UserVector(ratings);
        int[] unseen = [.. Enumerable.Range(0, _items.Length).Where(item => !ratings.ContainsKey(item))];
        return [.. MaximalMarginalRelevance.Choose(user.Vector, [.. unseen.Select(item => _items[item].Vector)], k, 1 - variety)
            .Select(choice => new ScoredIndex(unseen[choice.Index], Similarity.Of(user, _items[unseen[choice.Index]])))];
    }
}
