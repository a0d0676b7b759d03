namespace Polymodal.Providers.Local.Images;

/// <summary>Which frames of a film are taken, and its limits. Copied and checked when frames are asked for.</summary>
public sealed class FilmFrameOptions
{
    // Pixels of a frame are one array of three bytes each.
    private static readonly long LargestPixels = Array.MaxLength / 3;

    /// <summary>Time from one frame to the next; whole milliseconds, 1 ms to 1 day. Default 1 s.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most frames a film may give; at least 1, default 10,000. One more is an error, raised where it is reached. To look at the start of a film only, leave the loop.</summary>
    public int MaxFrames { get; set; } = 10_000;

    /// <summary>Longest film taken, in time; 1 ms to 10,000 days. Default 24 hours. A longer one is an error, raised at the first frame past it.</summary>
    public TimeSpan LongestFilm { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Largest film, in bytes; at least 1, default 4 GiB. A larger one is an error, raised where it is reached.</summary>
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Most pixels of a frame, width times height; 1 to 715,827,863, default 64,000,000. A frame takes three bytes for each of them.</summary>
    public long MaxPixels { get; set; } = 64_000_000;

    /// <summary>
    /// The <c>ffmpeg</c> program that reads films. Default null: the one on <c>PATH</c>, else that of the npm packages <c>ffmpeg-static</c> or
    /// <c>@ffmpeg-installer</c> in a folder <c>node_modules</c> beside or above the program. Empty text: none.
    /// </summary>
    public string? FfmpegPath { get; set; }

    /// <summary>Longest time that <c>ffmpeg</c> may take to give the next frame; 1 ms to 1 day. Default 2 minutes. After it the program is ended.</summary>
    public TimeSpan FfmpegTimeLimit { get; set; } = TimeSpan.FromMinutes(2);

    internal FilmFrameOptions Validated()
    {
        Check(nameof(Interval), Interval, TimeSpan.FromDays(1));
        Check(nameof(LongestFilm), LongestFilm, TimeSpan.FromDays(10_000));
        Check(nameof(FfmpegTimeLimit), FfmpegTimeLimit, TimeSpan.FromDays(1));
        if (Interval.Ticks % TimeSpan.TicksPerMillisecond != 0)
            throw new ArgumentOutOfRangeException(nameof(Interval), Interval, "Interval must be whole milliseconds.");
        if (MaxFrames < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxFrames), MaxFrames, "MaxFrames must be at least 1.");
        if (MaxBytes < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxBytes), MaxBytes, "MaxBytes must be at least 1.");
        if (MaxPixels < 1 || MaxPixels > LargestPixels)
            throw new ArgumentOutOfRangeException(nameof(MaxPixels), MaxPixels, $"MaxPixels must be 1 to {LargestPixels:N0}.");
        return (FilmFrameOptions)MemberwiseClone();
    }

    private static void Check(string name, TimeSpan value, TimeSpan most)
    {
        if (value < TimeSpan.FromMilliseconds(1) || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be 1 ms to {most.TotalDays:N0} days.");
    }
}
