namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The first of the four steps: rewrites the text before it is split.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the text.</remarks>
internal abstract class Normalizer
{
    /// <summary>Rewrites a text.</summary>
    public abstract void Apply(NormalizedText text);
}
