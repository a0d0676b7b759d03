namespace Polymodal.Providers.Local.Audio;

/// <summary>How the frames of a sound become one vector. Frames of padding never count.</summary>
public enum AudioPooling
{
    /// <summary>The mean of the frames.</summary>
    Mean,

    /// <summary>The largest value of the frames, number by number.</summary>
    Max,

    /// <summary>The first frame.</summary>
    First,

    /// <summary>The last frame.</summary>
    Last,

    /// <summary>The mean, followed by the standard deviation (of a sample, over n − 1; zeros for one frame): vectors are twice as long.</summary>
    MeanAndDeviation,
}
