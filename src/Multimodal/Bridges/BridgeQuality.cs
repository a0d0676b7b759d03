namespace Polymodal.Multimodal;

/// <summary>How well a bridge finds the right partner, measured on pairs it was not tuned on.</summary>
/// <param name="RecallAt1">Share of the examples whose partner came first; 0 to 1.</param>
/// <param name="PermutedRecallAt1">The highest such share when the partners were shuffled: what chance gives.</param>
/// <param name="Examples">How many pairs were measured.</param>
public sealed record BridgeQuality(double RecallAt1, double PermutedRecallAt1, int Examples)
{
    /// <summary>Whether the bridge finds more than chance does. One that does not is refused where vectors are compared.</summary>
    public bool IsAboveChance => RecallAt1 > PermutedRecallAt1;
}
