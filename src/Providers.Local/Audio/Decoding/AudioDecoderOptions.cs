namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>Options of <see cref="AudioDecoder"/>. Copied and checked when it is made.</summary>
public sealed class AudioDecoderOptions
{
    /// <summary>
    /// The <c>ffmpeg</c> program that reads what the own readers do not. Default null: the one on <c>PATH</c>, else that of the npm packages <c>ffmpeg-static</c> or
    /// <c>@ffmpeg-installer</c> in a folder <c>node_modules</c> beside or above the program. Empty text: none.
    /// </summary>
    public string? FfmpegPath { get; set; }

    /// <summary>Longest time that <c>ffmpeg</c> may take to give its next samples; 1 ms to 1 day. Default 30 s. After it the program is ended.</summary>
    public TimeSpan FfmpegTimeLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest sound taken, in time; 1 ms to 10,000 days. Default 24 hours. A longer one is an error, raised where it is passed.</summary>
    public TimeSpan LongestSound { get; set; } = TimeSpan.FromHours(24);

    internal AudioDecoderOptions Checked()
    {
        Check(FfmpegTimeLimit, TimeSpan.FromDays(1), nameof(FfmpegTimeLimit));
        Check(LongestSound, TimeSpan.FromDays(10_000), nameof(LongestSound));
        return new AudioDecoderOptions { FfmpegPath = FfmpegPath, FfmpegTimeLimit = FfmpegTimeLimit, LongestSound = LongestSound };
    }

    private static void Check(TimeSpan value, TimeSpan most, string name)
    {
        if (value < TimeSpan.FromMilliseconds(1) || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be 1 ms to {most.TotalDays:N0} days.");
    }
}
