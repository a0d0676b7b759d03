using System.Runtime.ExceptionServices;

namespace Polymodal.Providers.Local.Images;

/// <summary>A film's bytes on their way to a program that cannot be told of failures: one ends the bytes and is kept.</summary>
/// <param name="film">The bytes; they stay the caller's.</param>
/// <param name="most">How many there may be.</param>
internal sealed class FilmBytes(Stream film, long most) : Stream
{
    private volatile ExceptionDispatchInfo? _failure;
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Throws what the stream threw, or that it is too large.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            int read = await film.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _read += read;
            return _read <= most ? read : throw new InvalidDataException($"the film has more than {most} bytes. Make it smaller, or raise FilmFrameOptions.MaxBytes.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            return 0;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
