namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Turns tokens back into text.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal abstract class Decoder
{
    /// <summary>Rewrites tokens, so that in the end they can be put together as they are.</summary>
    /// <param name="tokens">The tokens; may be empty.</param>
    /// <returns>Other tokens, not always as many.</returns>
    public abstract IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens);

    /// <summary>Joins tokens.</summary>
    public string Decode(IReadOnlyList<string> tokens) => string.Concat(Rewrite(tokens));
}
