using Polymodal.Providers.Local.Ffmpeg;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>The ffmpeg program as a decoder: encoded bytes in through a pipe, WAV of floats out through another.</summary>
internal static class FfmpegSound
{
    // The demuxers that read sounds from bytes alone; play lists and devices, which open other things, are not among them.
    private const string Formats = "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,eac3,flac,flv,gsm,matroska,webm,mov,mp4,m4a,3gp,mp2,mp3,mpeg,mpegts,ogg,opus,tak,tta,voc,w64,wav,wv,xwma,avi";

    private static readonly string[] Output = ["-map", "0:a:0", "-map_metadata", "-1", "-f", "wav", "-c:a", "pcm_f32le", "-bitexact", "pipe:1"];

    /// <summary>Starts it on a sound.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="sound">The encoded bytes.</param>
    /// <param name="found">What the sound is, for messages.</param>
    /// <param name="timeLimit">Longest wait for the next samples.</param>
    /// <exception cref="InvalidDataException">ffmpeg finds no sound in the bytes.</exception>
    public static AudioReader Open(string program, Stream sound, string found, TimeSpan timeLimit)
    {
        var run = new FfmpegRun(new FfmpegJob(program, FfmpegProgram.Arguments(Formats, [], Output), found)
        {
            Gives = "samples",
            Options = nameof(AudioDecoderOptions),
            TimeLimit = timeLimit,
        }, sound);
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

    private static AudioReader OpenWave(FfmpegRun run)
    {
        try
        {
            return WaveFile.Open(new SoundBytes(run), out string unread) ?? throw new InvalidDataException($"ffmpeg answered in {unread}.");
        }
        catch (InvalidDataException exception)
        {
            run.ThrowIfTimedOut();
            throw new InvalidDataException($"{run.Job.Found} holds no sound that ffmpeg can read: {run.Complaint}. The file is damaged or no sound: write it again.", exception);
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
