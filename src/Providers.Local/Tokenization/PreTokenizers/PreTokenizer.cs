namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The second of the four steps: cuts the normalized text into pieces that no token crosses.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the arguments.</remarks>
internal abstract class PreTokenizer
{
    /// <summary>What it does at the end of a word: a letter A to Z before a space before a letter A to Z.</summary>
    public virtual WordEnds WordEnds => WordEnds.Unsure;

    /// <summary>Cuts every present piece.</summary>
    /// <param name="text">The normalized text.</param>
    /// <param name="pieces">Holds the pieces before and after.</param>
    public abstract void Apply(ReadOnlySpan<char> text, PieceList pieces);
}
