using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.Tests.Audio;

namespace Polymodal.Providers.Local.Tests.Images;

/// <summary>Frames of films that ffmpeg makes here: a second of red, then a second and a half of blue, ten frames a second.</summary>
public sealed class FilmFramesTests
{
    private const string RedThenBlue = "color=red:s=64x48:d=1:r=10[a];color=blue:s=64x48:d=1.5:r=10[b];[a][b]concat=n=2:v=1";
    private static readonly FilmFrameOptions Halves = new() { Interval = TimeSpan.FromMilliseconds(500) };
    private static readonly Lazy<byte[]> Mp4 = new(() => Film(RedThenBlue, "mp4", "-c:v", "mpeg4"));

    [FfmpegTheory]
    [InlineData("mp4", "mpeg4"), InlineData("mov", "mjpeg"), InlineData("matroska", "ffv1"), InlineData("avi", "mpeg4"), InlineData("mpegts", "mpeg2video")]
    public async Task A_film_gives_what_is_shown_at_each_time(string format, string codec)
    {
        List<FilmFrame> frames = await FilmFrames.SampleAsync(new DataContent(Film(RedThenBlue, format, "-c:v", codec, "-q:v", "2"), "video/*"), Halves).ToListAsync();
        Assert.Equal([0, 0.5, 1, 1.5, 2], frames.Select(frame => frame.Time.TotalSeconds));
        Assert.All(frames, frame => Assert.Equal((64, 48, 3), (frame.Picture.Width, frame.Picture.Height, frame.Picture.Channels)));
        Assert.Equal("RRBBB", Colours(frames));
    }

    [FfmpegTheory]
    // A frame that comes a millisecond later is not shown yet; the last interval need not be full.
    [InlineData(999, "RRB"), InlineData(1000, "RBB"), InlineData(333, "RRRRBBBB"), InlineData(100, "RRRRRRRRRRBBBBBBBBBBBBBBB"), InlineData(60_000, "R")]
    public async Task The_interval_says_which(int milliseconds, string colours)
    {
        List<FilmFrame> frames = await FilmFrames.SampleAsync(Content(Mp4.Value), new() { Interval = TimeSpan.FromMilliseconds(milliseconds) }).ToListAsync();
        Assert.Equal(colours, Colours(frames));
        Assert.Equal(Enumerable.Range(0, colours.Length).Select(index => TimeSpan.FromMilliseconds((double)milliseconds * index)), frames.Select(frame => frame.Time));
    }

    [FfmpegFact]
    public async Task Bytes_a_file_and_a_stream_that_cannot_seek_give_the_same()
    {
        // The index stands behind the pictures, where a pipe cannot go back.
        string text = Encoding.Latin1.GetString(Mp4.Value);
        Assert.True(text.IndexOf("moov", StringComparison.Ordinal) > text.IndexOf("mdat", StringComparison.Ordinal));
        byte[][] expected = [.. (await FilmFrames.SampleAsync(Content(Mp4.Value), Halves).ToListAsync()).Select(frame => frame.Picture.Pixels.ToArray())];
        using var stream = new ForwardStream(Mp4.Value);
        Assert.Equal(expected, (await FilmFrames.SampleAsync(stream, Halves).ToListAsync()).Select(frame => frame.Picture.Pixels.ToArray()));
        Assert.True(stream.CanRead);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, Mp4.Value);
            Assert.Equal(expected, (await FilmFrames.SampleAsync(new FileInfo(file), Halves).ToListAsync()).Select(frame => frame.Picture.Pixels.ToArray()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [FfmpegFact]
    public async Task Every_limit_is_an_error_where_it_is_reached()
    {
        Assert.Equal(5, await FilmFrames.SampleAsync(Content(Mp4.Value), With(options => options.MaxFrames = 5)).CountAsync());
        await Fails(With(options => options.MaxFrames = 4), 4, "more than 4 frames");
        await Fails(With(options => options.LongestFilm = TimeSpan.FromSeconds(2)), 4, "longer than 00:00:02");
        await Fails(With(options => options.MaxBytes = Mp4.Value.Length - 1), null, $"more than {Mp4.Value.Length - 1} bytes");
        Assert.Equal(5, await FilmFrames.SampleAsync(Content(Mp4.Value), With(options => options.MaxBytes = Mp4.Value.Length)).CountAsync());
        await Fails(With(options => options.MaxPixels = (64 * 48) - 1), 0, "at most 3071 pixels");

        static async Task Fails(FilmFrameOptions options, int? before, string message)
        {
            int count = 0;
            var error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
            {
                await foreach (FilmFrame frame in FilmFrames.SampleAsync(Content(Mp4.Value), options))
                    count++;
            });
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.True(before is null || before == count, $"{message}: {count} frames before");
        }
    }

    [FfmpegFact]
    public async Task What_is_no_film_says_so()
    {
        byte[] noise = new byte[4_000];
        new Random(1).NextBytes(noise);
        Assert.Contains("no video track", await MessageOf(Film("sine=d=1", "matroska", "-c:a", "pcm_s16le")), StringComparison.Ordinal);
        Assert.Contains("cut before its index", await MessageOf(Mp4.Value[..(Mp4.Value.Length / 2)]), StringComparison.Ordinal);
        // A play list would open other files.
        foreach (byte[] bytes in new[] { noise, [], Encoding.ASCII.GetBytes("ffconcat version 1.0\nfile /etc/hostname\n"), Encoding.ASCII.GetBytes("#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n") })
            Assert.Contains("The file is damaged or no film", await MessageOf(bytes), StringComparison.Ordinal);

        static async Task<string> MessageOf(byte[] bytes) => (await Assert.ThrowsAsync<InvalidDataException>(async () => await FilmFrames.SampleAsync(new MemoryStream(bytes)).CountAsync())).Message;
    }

    [FfmpegFact]
    public async Task A_film_that_was_cut_gives_the_pictures_that_are_there()
    {
        byte[] film = Film("testsrc=s=64x48:d=10:r=10", "matroska", "-c:v", "ffv1", "-g", "1");
        byte[][] whole = [.. (await FilmFrames.SampleAsync(Content(film)).ToListAsync()).Select(frame => frame.Picture.Pixels.ToArray())];
        byte[][] half = [.. (await FilmFrames.SampleAsync(Content(film[..(film.Length / 2)])).ToListAsync()).Select(frame => frame.Picture.Pixels.ToArray())];
        Assert.Equal(10, whole.Length);
        Assert.InRange(half.Length, 3, 7);
        Assert.Equal(whole[..(half.Length - 1)], half[..^1]);
    }

    [Fact]
    public async Task Without_ffmpeg_it_says_how_to_get_it()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(async () => await FilmFrames.SampleAsync(Content([1]), new() { FfmpegPath = "" }).CountAsync());
        Assert.Contains("Install ffmpeg", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<NotSupportedException>(async () => await FilmFrames.SampleAsync(Content([1]), new() { FfmpegPath = typeof(FilmFramesTests).Assembly.Location }).CountAsync());
        Assert.Contains("FilmFrameOptions.FfmpegPath", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_its_range_is_an_error_at_the_call()
    {
        foreach (Action<FilmFrameOptions> set in new Action<FilmFrameOptions>[]
        {
            options => options.Interval = TimeSpan.Zero, options => options.Interval = TimeSpan.FromMilliseconds(1.5), options => options.Interval = TimeSpan.FromDays(2), options => options.MaxFrames = 0,
            options => options.MaxBytes = 0, options => options.MaxPixels = int.MaxValue, options => options.LongestFilm = TimeSpan.Zero, options => options.FfmpegTimeLimit = TimeSpan.Zero,
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => { FilmFrames.SampleAsync(Content([1]), With(set)); });
    }

    [FfmpegFact]
    public async Task Cancelling_and_stalling_end_the_program_and_a_failing_stream_tells_why()
    {
        using var cancel = new CancellationTokenSource();
        using var endless = new StallingStream(Mp4.Value, new TaskCompletionSource<int>());
        Task<int> count = FilmFrames.SampleAsync(endless, cancellationToken: cancel.Token).CountAsync().AsTask();
        await endless.Stalled;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => count);

        using var stalled = new StallingStream(Mp4.Value, new TaskCompletionSource<int>());
        var late = await Assert.ThrowsAsync<InvalidDataException>(async () => await FilmFrames.SampleAsync(stalled, With(options => options.FfmpegTimeLimit = TimeSpan.FromMilliseconds(300))).CountAsync());
        Assert.Contains("gave no pictures of the film for 0.3 s", late.Message, StringComparison.Ordinal);

        var failure = new TaskCompletionSource<int>();
        failure.SetException(new IOException("the line broke"));
        using var broken = new StallingStream(Mp4.Value, failure);
        Assert.Equal("the line broke", (await Assert.ThrowsAsync<IOException>(async () => await FilmFrames.SampleAsync(broken).CountAsync())).Message);

        using var later = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (FilmFrame frame in FilmFrames.SampleAsync(Content(Mp4.Value), Halves, later.Token))
                await later.CancelAsync();
        });
    }

    [FfmpegFact]
    public async Task A_film_is_embedded_frame_by_frame_and_as_their_mean()
    {
        using var generator = await LocalImageEmbeddingGenerator.LoadAsync(Repository.Reference("image/clip"));
        FilmEmbedding film = await generator.GenerateFilmAsync(FilmFrames.SampleAsync(Content(Mp4.Value), Halves));
        Assert.Equal([0, 0.5, 1, 1.5, 2], film.Frames.Select(frame => frame.Time.TotalSeconds));
        Assert.True(Distance(film.Frames[0].Embedding, film.Frames[1].Embedding) < Distance(film.Frames[1].Embedding, film.Frames[2].Embedding));
    }

    [Fact]
    public async Task Frames_from_elsewhere_keep_their_order_their_times_and_the_vectors_of_pictures()
    {
        using var generator = await LocalImageEmbeddingGenerator.LoadAsync(Repository.Reference("image/clip"));
        FilmFrame[] frames = [.. Enumerable.Range(0, 37).Select(index => new FilmFrame(TimeSpan.FromSeconds(index * index), Gradient(index)))];
        GeneratedEmbeddings<Embedding<float>> pictures = await generator.GenerateAsync(frames.Select(frame => frame.Picture));
        FilmEmbedding film = await generator.GenerateFilmAsync(frames.ToAsyncEnumerable());
        Assert.Equal(frames.Select(frame => frame.Time), film.Frames.Select(frame => frame.Time));
        for (int i = 0; i < frames.Length; i++)
            Assert.InRange(Distance(pictures[i], film.Frames[i].Embedding), 0, 1e-4);
        float[] mean = [.. Enumerable.Range(0, pictures[0].Vector.Length).Select(axis => pictures.Average(picture => picture.Vector.Span[axis]))];
        double norm = Math.Sqrt(mean.Sum(value => (double)value * value));
        Assert.InRange(Distance(new Embedding<float>(mean.Select(value => (float)(value / norm)).ToArray()), film.Embedding), 0, 1e-4);
        Assert.NotNull(EmbeddingSpace.SpaceIdOf(film.Embedding));
        Assert.Equal(EmbeddingSpace.SpaceIdOf(pictures[0]), EmbeddingSpace.SpaceIdOf(film.Embedding));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateFilmAsync(AsyncEnumerable.Empty<FilmFrame>()));
    }

    private static DataContent Content(byte[] film) => new(film, "video/mp4");

    private static FilmFrameOptions With(Action<FilmFrameOptions> set)
    {
        var options = new FilmFrameOptions { Interval = Halves.Interval };
        set(options);
        return options;
    }

    // The middle of each frame, as long as it is nearly pure.
    private static string Colours(IEnumerable<FilmFrame> frames) => string.Concat(frames.Select(frame =>
    {
        ReadOnlySpan<byte> pixel = frame.Picture.Pixels.Span.Slice(((24 * 64) + 32) * 3, 3);
        return pixel switch { [> 240, < 15, < 15] => 'R', [< 15, < 15, > 240] => 'B', _ => '?' };
    }));

    private static PixelBuffer Gradient(int seed)
    {
        byte[] pixels = new byte[40 * 30 * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((i * (seed + 1)) + (seed * 7));
        return new PixelBuffer(40, 30, 3, pixels.AsMemory());
    }

    private static double Distance(Embedding<float> one, Embedding<float> other) => System.Numerics.Tensors.TensorPrimitives.Distance(one.Vector.Span, other.Vector.Span);

    private static byte[] Film(string source, string format, params string[] codec)
    {
        string file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(new Polymodal.Providers.Local.Audio.Decoding.AudioDecoder().FfmpegPath!, ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source, .. codec, "-f", format, file]) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed class ForwardStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Gives the start of a film, then waits for what never comes, or fails.</summary>
    private sealed class StallingStream(byte[] bytes, TaskCompletionSource<int> end) : MemoryStream(bytes[..(bytes.Length / 2)])
    {
        private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Stalled => _stalled.Task;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = Read(buffer.Span);
            if (read > 0)
                return read;
            _stalled.TrySetResult();
            return await end.Task.WaitAsync(cancellationToken);
        }
    }
}

/// <summary>As <see cref="FfmpegFactAttribute"/>, for theories.</summary>
internal sealed class FfmpegTheoryAttribute : TheoryAttribute
{
    public FfmpegTheoryAttribute() => Skip = new FfmpegFactAttribute().Skip;
}
