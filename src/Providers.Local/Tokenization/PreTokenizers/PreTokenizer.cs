namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The second of the four steps: cuts the normalized text into pieces that no token crosses.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the arguments.</remarks>
internal abstract class PreTokenizer
{
    /// <summary>What it does at the end of a word: a letter A to Z before a space before a letter A to Z.</summary>
    public virtual WordEnds WordEnds => WordEnds.Unsure;

    /// <summary>Whether it needs to know where in the input a piece came from, even if nobody asks for offsets.</summary>
    public virtual bool NeedsSources => false;

    /// <summary>
    /// What cuts alike and leaves bytes as they are, where the last this one does is to write bytes as characters; else null. For models
    /// that read bytes.
    /// </summary>
    public virtual PreTokenizer? WithoutByteCharacters => null;

    /// <summary>Cuts every present piece. A piece is a text of its own: what stands beside it does not count.</summary>
    /// <param name="text">The normalized text. One that rewrites it appends what becomes of each piece and commits it.</param>
    /// <param name="pieces">Holds the pieces before and after, as ranges of the text before and after.</param>
    public abstract void Apply(NormalizedText text, PieceList pieces);
}
