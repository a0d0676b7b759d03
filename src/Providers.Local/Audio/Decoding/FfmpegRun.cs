using System.Diagnostics;
using System.Text;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>A run of ffmpeg as the stream of its output. It is ended when it takes too long, or when the stream is disposed.</summary>
internal sealed class FfmpegRun : Stream
{
    private const int LongestComplaint = 300;
    private readonly Process _process;
    private readonly Stream _output;
    private readonly Timer _limit;
    private readonly TimeSpan _timeLimit;
    private readonly StringBuilder _complaint = new();
    private readonly Task _feeding, _listening;
    private volatile bool _timedOut;
    private int _disposed;

    public FfmpegRun(string program, string[] arguments, Stream sound, string found, TimeSpan timeLimit)
    {
        Found = found;
        _timeLimit = timeLimit;
        var start = new ProcessStartInfo(program, arguments)
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
            throw new NotSupportedException($"{program} cannot be started: {exception.Message}. Set AudioDecoderOptions.FfmpegPath to an ffmpeg program of this system.", exception);
        }

        _output = _process.StandardOutput.BaseStream;
        _limit = new Timer(_ => End(timedOut: true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _feeding = Task.Run(() => Feed(sound));
        _listening = Task.Run(Listen);
    }

    /// <summary>What the sound is, for messages.</summary>
    public string Found { get; }

    /// <summary>The start of what ffmpeg said is wrong.</summary>
    public string Complaint
    {
        get
        {
            _listening.Wait(_timeLimit);
            lock (_complaint)
                return _complaint.Length == 0 ? "it gives no samples" : _complaint.ToString().ReplaceLineEndings(" ").TrimEnd('.', ' ');
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        _limit.Change(_timeLimit, Timeout.InfiniteTimeSpan);
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
            throw new InvalidDataException($"ffmpeg gave no samples of {Found} for {_timeLimit.TotalSeconds:0.###} s and was ended. The file may be made to stall decoders; raise AudioDecoderOptions.FfmpegTimeLimit if it is not.");
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
            Task.WaitAll([_feeding, _listening], _timeLimit);
            _limit.Dispose();
            _process.Dispose();
        }

        base.Dispose(disposing);
    }

    private void End(bool timedOut)
    {
        _timedOut |= timedOut;
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    private void Feed(Stream sound)
    {
        try
        {
            using Stream input = _process.StandardInput.BaseStream;
            sound.CopyTo(input);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // ffmpeg needs no more, or was ended; what it made of the bytes tells.
        }
    }

    private void Listen()
    {
        char[] part = new char[256];
        for (int read; (read = _process.StandardError.Read(part)) > 0;)
        {
            lock (_complaint)
                _complaint.Append(part.AsSpan(0, Math.Min(read, LongestComplaint - _complaint.Length)));
        }
    }
}
