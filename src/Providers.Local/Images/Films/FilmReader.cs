using System.Globalization;
using Polymodal.Providers.Local.Ffmpeg;

namespace Polymodal.Providers.Local.Images;

/// <summary>The frames of a film, one after the other, as ffmpeg gives them: a row of PPM pictures.</summary>
/// <remarks>Not safe for concurrent use, but for <see cref="Stop"/>.</remarks>
internal sealed class FilmReader : IDisposable
{
    // The demuxers that read films from bytes alone; play lists and devices, which open other things, are not among them.
    private const string Formats = "asf,avi,dv,flv,gif,h264,hevc,ivf,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mjpeg,mpeg,mpegts,mpegvideo,mxf,nut,ogg,rm";
    private const string Found = "the film";
    private const int LongestHeader = 40;
    private readonly FilmFrameOptions _options;
    private readonly FilmBytes _bytes;
    private readonly FfmpegRun _run;
    private readonly BufferedStream _pictures;
    private int _frames;

    /// <summary>Starts the program.</summary>
    /// <param name="program">The path of ffmpeg.</param>
    /// <param name="film">The film; it stays the caller's.</param>
    /// <param name="options">Checked ones.</param>
    public FilmReader(string program, Stream film, FilmFrameOptions options)
    {
        _options = options;
        _bytes = new FilmBytes(film, options.MaxBytes);
        // Rounded up, the picture at a time is the last that is not later; counted from 0, picture n is at n intervals.
        string frames = $"fps=fps=1000/{options.Interval.Ticks / TimeSpan.TicksPerMillisecond}:start_time=0:round=up,scale=flags=accurate_rnd+full_chroma_int";
        string[] input = ["-max_pixels", options.MaxPixels.ToString(CultureInfo.InvariantCulture)];
        // V: a picture of a cover is no film.
        string[] output = ["-map", "0:V:0", "-map_metadata", "-1", "-vf", frames, "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "-bitexact", "pipe:1"];
        _run = new FfmpegRun(new FfmpegJob(program, FfmpegProgram.Arguments(Formats, input, output), Found)
        {
            Gives = "pictures",
            Options = nameof(FilmFrameOptions),
            TimeLimit = options.FfmpegTimeLimit,
        }, _bytes);
        _pictures = new BufferedStream(_run);
    }

    /// <summary>Reads the next frame.</summary>
    /// <returns>Null after the last.</returns>
    /// <exception cref="InvalidDataException">It is no film, has no video track, is damaged, or exceeds a limit.</exception>
    public FilmFrame? Next()
    {
        _bytes.ThrowIfFailed();
        if (!TryHeader(out int width, out int height))
            return Ended();
        TimeSpan time = _options.Interval * _frames;
        if (_frames >= _options.MaxFrames)
            throw new InvalidDataException($"{Found} has more than {_options.MaxFrames} frames at one every {_options.Interval.TotalSeconds:0.###} s. Raise Interval or MaxFrames, or cut it.");
        if (time >= _options.LongestFilm)
            throw new InvalidDataException($"{Found} is longer than {_options.LongestFilm}. Cut it, or raise FilmFrameOptions.LongestFilm.");
        if ((long)width * height > _options.MaxPixels)
            throw TooLarge($"{width} × {height} = {(long)width * height} pixels");
        var picture = PixelBuffer.Create(width, height, isRented: false);
        if (_pictures.ReadAtLeast(picture.Buffer, picture.Buffer.Length, throwOnEndOfStream: false) < picture.Buffer.Length)
            throw Damaged();
        _frames++;
        return new FilmFrame(time, picture);
    }

    /// <summary>Ends the program at once, from any thread.</summary>
    public void Stop() => _run.Stop();

    /// <inheritdoc/>
    public void Dispose() => _pictures.Dispose();

    // "P6\n64 48\n255\n"
    private bool TryHeader(out int width, out int height)
    {
        Span<byte> header = stackalloc byte[LongestHeader];
        (width, height) = (0, 0);
        int length = 0, lines = 0;
        while (lines < 3 && length < LongestHeader)
        {
            int next = _pictures.ReadByte();
            if (next < 0)
                return length == 0 ? false : throw Damaged();
            header[length++] = (byte)next;
            lines += next == '\n' ? 1 : 0;
        }

        ReadOnlySpan<byte> rest = header[..length];
        if (rest.StartsWith("P6\n"u8) && rest.EndsWith("\n255\n"u8))
        {
            ReadOnlySpan<byte> size = rest[3..^5];
            int space = size.IndexOf((byte)' ');
            if (space > 0 && int.TryParse(size[..space], CultureInfo.InvariantCulture, out width) && int.TryParse(size[(space + 1)..], CultureInfo.InvariantCulture, out height) && width > 0 && height > 0)
                return true;
        }

        throw new InvalidDataException($"ffmpeg gave something else than a picture at frame {_frames}. Set FilmFrameOptions.FfmpegPath to an ffmpeg of version 4 or later.");
    }

    private FilmFrame? Ended()
    {
        _bytes.ThrowIfFailed();
        if (_frames > 0 && _run.EndedWell)
            return null;
        string complaint = _run.Complaint;
        if (complaint.Contains("matches no streams", StringComparison.Ordinal))
            throw new InvalidDataException($"{Found} has no video track that ffmpeg finds. It holds sound only, or was cut before its index: give the whole film; sounds go to a generator of sounds.");
        if (complaint.Contains("exceeds specified max pixel count", StringComparison.Ordinal))
            throw TooLarge("larger frames");
        throw Damaged();
    }

    private InvalidDataException TooLarge(string found) => new($"{Found} has {found}; at most {_options.MaxPixels} pixels a frame are allowed. Make it smaller, or raise FilmFrameOptions.MaxPixels.");

    private InvalidDataException Damaged()
    {
        _run.ThrowIfTimedOut();
        string where = _frames == 0 ? "holds no pictures that ffmpeg can read" : $"cannot be read past {_options.Interval * (_frames - 1)}";
        return new InvalidDataException($"{Found} {where}: {_run.Complaint}. The file is damaged or no film: write it again.");
    }
}
