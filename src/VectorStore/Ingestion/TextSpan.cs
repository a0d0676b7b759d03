namespace Polymodal.VectorStore.Ingestion;

/// <summary>A place in a text.</summary>
/// <param name="Start">Index of the first UTF-16 unit.</param>
/// <param name="Length">How many UTF-16 units.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>Index behind the last UTF-16 unit.</summary>
    public int End => Start + Length;
}
