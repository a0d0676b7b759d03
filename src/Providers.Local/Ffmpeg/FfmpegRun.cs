using System.Diagnostics;
using System.Text;

namespace Polymodal.Providers.Local.Ffmpeg;

/// <summary>A run of ffmpeg as the stream of its output. It is ended when it takes too long, or when the stream is disposed.</summary>
internal sealed class FfmpegRun : Stream
{
    private const int LongestComplaint = 300;
    private readonly Process _process;
    private readonly Stream _output;
    private readonly Timer _limit;
    private readonly StringBuilder _complaint = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _feeding, _listening;
    private volatile bool _timedOut;
    private int _disposed;

    /// <summary>Starts it.</summary>
    /// <param name="job">What is run.</param>
    /// <param name="input">The encoded bytes, read on a thread of the pool until the run is disposed.</param>
    /// <exception cref="NotSupportedException">The program cannot be started.</exception>
    public FfmpegRun(FfmpegJob job, Stream input)
    {
        Job = job;
        var start = new ProcessStartInfo(job.Program, job.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new NotSupportedException($"{job.Program} cannot be started: {exception.Message}. Set {job.Options}.FfmpegPath to an ffmpeg program of this system.", exception);
        }

        _output = _process.StandardOutput.BaseStream;
        _limit = new Timer(_ => End(timedOut: true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _feeding = Task.Run(() => FeedAsync(input));
        _listening = Task.Run(Listen);
    }

    /// <summary>What is run.</summary>
    public FfmpegJob Job { get; }

    /// <summary>The start of what ffmpeg said is wrong.</summary>
    public string Complaint
    {
        get
        {
            _listening.Wait(Job.TimeLimit);
            lock (_complaint)
                return _complaint.Length == 0 ? $"it gives no {Job.Gives}" : _complaint.ToString().ReplaceLineEndings(" ").TrimEnd('.', ' ');
        }
    }

    /// <summary>Whether it ended by itself and well; to be asked after the last bytes.</summary>
    public bool EndedWell => _process.WaitForExit(Job.TimeLimit) && _process.ExitCode == 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        _limit.Change(Job.TimeLimit, Timeout.InfiniteTimeSpan);
        int read = _output.Read(buffer);
        _limit.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (read == 0)
            ThrowIfTimedOut();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Says that the time limit was reached, when it was.</summary>
    /// <exception cref="InvalidDataException">It was.</exception>
    public void ThrowIfTimedOut()
    {
        if (_timedOut)
            throw new InvalidDataException($"ffmpeg gave no {Job.Gives} of {Job.Found} for {Job.TimeLimit.TotalSeconds:0.###} s and was ended. The file may be made to stall decoders; raise {Job.Options}.FfmpegTimeLimit if it is not.");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            End(timedOut: false);
            // The caller's stream must not be read after this.
            Task.WaitAll([_feeding, _listening], Job.TimeLimit);
            _limit.Dispose();
            _process.Dispose();
            _ending.Dispose();
        }

        base.Dispose(disposing);
    }

    private void End(bool timedOut)
    {
        _timedOut |= timedOut;
        _ending.Cancel();
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    /// <summary>Ends it at once, from any thread; a read under way then gives nothing.</summary>
    public void Stop() => End(timedOut: false);

    private async Task FeedAsync(Stream source)
    {
        try
        {
            Stream input = _process.StandardInput.BaseStream;
            await using (input.ConfigureAwait(false))
                await source.CopyToAsync(input, _ending.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // ffmpeg needs no more, or was ended; what it made of the bytes tells.
        }
    }

    private void Listen()
    {
        while (_process.StandardError.ReadLine() is { } line)
        {
            // That the pipe cannot seek is no fault of the file.
            if (line.StartsWith("[cache @", StringComparison.Ordinal) || line.StartsWith("    Last message repeated", StringComparison.Ordinal))
                continue;
            lock (_complaint)
                _complaint.Append(line.AsSpan(0, Math.Min(line.Length, LongestComplaint - _complaint.Length))).Append(_complaint.Length < LongestComplaint ? " " : "");
        }
    }
}

/// <summary>What ffmpeg is to do.</summary>
/// <param name="Program">Its path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Found">What the input is, for messages.</param>
internal sealed record FfmpegJob(string Program, string[] Arguments, string Found)
{
    /// <summary>What it gives, for messages; e.g. <c>samples</c>.</summary>
    public required string Gives { get; init; }

    /// <summary>The options class that has the path and the time limit, for messages.</summary>
    public required string Options { get; init; }

    /// <summary>Longest wait for the next bytes of output.</summary>
    public required TimeSpan TimeLimit { get; init; }
}
