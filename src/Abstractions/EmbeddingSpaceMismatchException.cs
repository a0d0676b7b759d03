namespace Polymodal;

/// <summary>Vectors of two spaces were about to be compared or mixed. The number would mean nothing, so there is none.</summary>
public sealed class EmbeddingSpaceMismatchException : InvalidOperationException
{
    /// <summary>Creates the error for two spaces.</summary>
    /// <param name="first">One <see cref="EmbeddingSpace.SpaceId"/>.</param>
    /// <param name="second">The other <see cref="EmbeddingSpace.SpaceId"/>.</param>
    public EmbeddingSpaceMismatchException(string first, string second)
        : this(first, second, "Embed both with one model, or with models whose towers share a space.")
    {
    }

    /// <summary>Creates the error for two spaces, with what would make the vectors comparable.</summary>
    /// <param name="first">One <see cref="EmbeddingSpace.SpaceId"/>.</param>
    /// <param name="second">The other <see cref="EmbeddingSpace.SpaceId"/>.</param>
    /// <param name="advice">What to do, as sentences.</param>
    public EmbeddingSpaceMismatchException(string first, string second, string advice)
        : base($"Vectors of '{first}' and of '{second}' cannot be compared: they come from different spaces. {advice}")
    {
        First = first;
        Second = second;
    }

    /// <summary>One space.</summary>
    public string First { get; }

    /// <summary>The other space.</summary>
    public string Second { get; }
}
