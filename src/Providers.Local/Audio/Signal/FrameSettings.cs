namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>How a signal is cut into frames and what is done to each before its spectrum is taken, in this order.</summary>
internal sealed record FrameSettings
{
    /// <summary>Samples of a frame.</summary>
    public required int Length { get; init; }

    /// <summary>Samples from one frame to the next.</summary>
    public required int Hop { get; init; }

    /// <summary>Points of the transform; a frame is followed by zeros up to it.</summary>
    public required int FftSize { get; init; }

    /// <summary>Weights of a frame's samples.</summary>
    public required double[] Window { get; init; }

    /// <summary>What each sample is multiplied by first.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether the mean of a frame is taken off it.</summary>
    public bool RemoveOffset { get; init; }

    /// <summary>How much of the sample before is taken off each; 0 for nothing. The first counts as its own predecessor.</summary>
    public double PreEmphasis { get; init; }

    /// <summary>Whether the spectrum is squared.</summary>
    public bool Power { get; init; } = true;

    /// <summary>Frequencies of the spectrum.</summary>
    public int Bins => (FftSize / 2) + 1;
}
