using Polymodal.Providers.Local.Ffmpeg;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>
/// The default decoder. WAV (PCM of 8 to 32 bits, float, A-law, µ-law, IMA and Microsoft ADPCM, extensible, RF64, BW64, RIFX), AIFF, AIFC and AU are read here; all other
/// formats by the <c>ffmpeg</c> program, when there is one.
/// </summary>
/// <remarks>
/// Safe for concurrent use. No memory is asked for that the bytes present do not need, whatever a header claims. A sound that ends before its header says gives the
/// samples that are there. <c>ffmpeg</c> gets the bytes through a pipe, may open nothing else, and no shell is involved.
/// </remarks>
public sealed class AudioDecoder : IAudioDecoder
{
    private delegate AudioReader? Opener(SoundBytes bytes, out string unread);

    private const int StartBytes = 12;
    private const string OwnFormats = "WAV, AIFF, AIFC and AU";
    private readonly AudioDecoderOptions _options;
    private readonly Lazy<string?> _ffmpeg;

    /// <summary>Creates a decoder.</summary>
    /// <param name="options">Where ffmpeg is, and limits; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    public AudioDecoder(AudioDecoderOptions? options = null)
    {
        _options = (options ?? new AudioDecoderOptions()).Checked();
        _ffmpeg = new Lazy<string?>(() => FfmpegProgram.Find(_options.FfmpegPath));
    }

    /// <summary>Path of the ffmpeg program that is used, or null when there is none.</summary>
    public string? FfmpegPath => _ffmpeg.Value;

    /// <inheritdoc/>
    public AudioReader Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var bytes = new SoundBytes(stream);
        Span<byte> start = stackalloc byte[StartBytes];
        start = start[..bytes.Read(start)];
        if (start.IsEmpty)
            throw new InvalidDataException("the sound has no bytes. Give a file with a sound in it.");
        Opener? open = WaveFile.Fits(start) ? WaveFile.Open : AiffFile.Fits(start) ? AiffFile.Open : AuFile.Fits(start) ? AuFile.Open : null;
        CheckTag(start, bytes);
        string found = $"a sound that begins with '{SoundBytes.Id(start)}'";
        bytes.Return(0);
        if (open?.Invoke(bytes, out found) is { } reader)
            return new LimitedReader(reader, _options.LongestSound);
        if (!bytes.Return(0))
            throw new NotSupportedException($"{found} is read by ffmpeg, and the stream cannot go back to its start. Give the sound as a file or as bytes.");
        if (_ffmpeg.Value is not { } program)
        {
            throw new NotSupportedException(
                $"{found} is not read here; {OwnFormats} are, and other formats with the program ffmpeg, which was not found. Install ffmpeg so that it is on PATH, set AudioDecoderOptions.FfmpegPath, or convert the sound to WAV.");
        }

        return new LimitedReader(FfmpegSound.Open(program, bytes.AsStream(), found, _options.FfmpegTimeLimit), _options.LongestSound);
    }

    // An ID3v2 tag says its length in four times seven bits. ffmpeg looks for a sound inside of a tag that is longer than the file.
    private static void CheckTag(ReadOnlySpan<byte> start, SoundBytes bytes)
    {
        const int header = 10;
        if (start.Length < header || !start[..3].SequenceEqual("ID3"u8))
            return;
        long length = header + (((start[6] & 127) << 21) | ((start[7] & 127) << 14) | ((start[8] & 127) << 7) | (start[9] & 127));
        if (!bytes.MayHave(length))
            throw new InvalidDataException($"the sound begins with an ID3 tag of {length:N0} bytes, more than it has. It was cut or damaged: write it again.");
    }

    private sealed class LimitedReader(AudioReader reader, TimeSpan longest) : AudioReader(reader.SamplingRate, reader.Channels)
    {
        private long _left = (long)Math.Min(longest.TotalSeconds * reader.SamplingRate, long.MaxValue);

        public override int Read(Span<float> samples)
        {
            int frames = reader.Read(samples);
            _left -= frames;
            return _left >= 0 ? frames : throw new InvalidDataException($"the sound is longer than {longest}. Cut it, or raise AudioDecoderOptions.LongestSound.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                reader.Dispose();
            base.Dispose(disposing);
        }
    }
}
