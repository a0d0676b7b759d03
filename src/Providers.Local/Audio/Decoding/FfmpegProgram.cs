using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>The ffmpeg program as a decoder: encoded bytes in through a pipe, WAV of floats out through another.</summary>
internal static class FfmpegProgram
{
    // The demuxers that read sounds from bytes alone; play lists and devices, which open other things, are not among them.
    private const string Formats = "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,eac3,flac,flv,gsm,matroska,webm,mov,mp4,m4a,3gp,mp2,mp3,mpeg,mpegts,ogg,opus,tak,tta,voc,w64,wav,wv,xwma,avi";

    private static readonly string[] Arguments =
    [
        "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "pipe,cache", "-format_whitelist", Formats, "-read_ahead_limit", "-1", "-i", "cache:pipe:0",
        "-map", "0:a:0", "-map_metadata", "-1", "-f", "wav", "-c:a", "pcm_f32le", "-bitexact", "pipe:1",
    ];

    /// <summary>Finds the program.</summary>
    /// <param name="chosen">A path; empty for none; null to look on PATH and among npm packages.</param>
    public static string? Find(string? chosen)
    {
        if (chosen is not null)
            return chosen.Length > 0 && File.Exists(chosen) ? Path.GetFullPath(chosen) : null;
        string name = OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted);
        IEnumerable<string> packages = Above(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, "node_modules"))
            .SelectMany(modules => new[] { Path.Combine(modules, "ffmpeg-static"), Path.Combine(modules, "@ffmpeg-installer", $"{system}-{architecture}") });
        return onPath.Concat(packages).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Starts it on a sound.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="sound">The encoded bytes.</param>
    /// <param name="found">What the sound is, for messages.</param>
    /// <param name="timeLimit">Longest wait for the next samples.</param>
    /// <exception cref="InvalidDataException">ffmpeg finds no sound in the bytes.</exception>
    public static AudioReader Open(string program, Stream sound, string found, TimeSpan timeLimit)
    {
        var run = new FfmpegRun(program, Arguments, sound, found, timeLimit);
        try
        {
            return new Reader(run);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? directory = new(folder); directory is not null; directory = directory.Parent)
            yield return directory.FullName;
    }

    private static AudioReader OpenWave(FfmpegRun run)
    {
        try
        {
            return WaveFile.Open(new SoundBytes(run), out string unread) ?? throw new InvalidDataException($"ffmpeg answered in {unread}.");
        }
        catch (InvalidDataException exception)
        {
            run.ThrowIfTimedOut();
            throw new InvalidDataException($"{run.Found} holds no sound that ffmpeg can read: {run.Complaint}. The file is damaged or no sound: write it again.", exception);
        }
    }

    private sealed class Reader(FfmpegRun run, AudioReader wave) : AudioReader(wave.SamplingRate, wave.Channels)
    {
        public Reader(FfmpegRun run)
            : this(run, OpenWave(run))
        {
        }

        public override int Read(Span<float> samples) => wave.Read(samples);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                run.Dispose();
            base.Dispose(disposing);
        }
    }
}
