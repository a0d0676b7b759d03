namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Turns tokens back into text.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal abstract class Decoder
{
    /// <summary>Joins tokens.</summary>
    public abstract string Decode(IReadOnlyList<string> tokens);
}
