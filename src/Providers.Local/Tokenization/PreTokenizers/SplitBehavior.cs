namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What becomes of a separator.</summary>
internal enum SplitBehavior
{
    /// <summary>It is dropped.</summary>
    Removed,

    /// <summary>It is a piece of its own.</summary>
    Isolated,

    /// <summary>It ends the piece before it; of neighbouring ones the first.</summary>
    MergedWithPrevious,

    /// <summary>It starts the piece after it; of neighbouring ones the last.</summary>
    MergedWithNext,

    /// <summary>Neighbouring separators are one piece.</summary>
    Contiguous,
}
