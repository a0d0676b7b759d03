namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The first of the four steps: rewrites the text before it is split.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the text.</remarks>
internal abstract class Normalizer
{
    /// <summary>Whether a text that ends at the end of a word becomes the same as those words at the start of a longer text.</summary>
    public virtual bool KeepsWordEnds => false;

    /// <summary>Rewrites a text.</summary>
    public abstract void Apply(NormalizedText text);
}
