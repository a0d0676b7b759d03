using System.Buffers;
using System.Net;

namespace Polymodal.Providers.Cloud;

/// <summary>The whole body of an answer, in a rented buffer that goes back with <see cref="HttpContent.Dispose()"/>.</summary>
internal sealed class BufferedContent : HttpContent
{
    private byte[]? _buffer;
    private readonly int _length;

    private BufferedContent(byte[] buffer, int length) => (_buffer, _length) = (buffer, length);

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer is { } buffer ? buffer.AsMemory(0, _length) : throw new ObjectDisposedException(nameof(BufferedContent));

    /// <summary>Reads a body to its end.</summary>
    /// <param name="content">The body; it is not disposed.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="AnswerTooLargeException">It is larger.</exception>
    public static async Task<BufferedContent> ReadAsync(HttpContent content, long limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
            throw new AnswerTooLargeException(limit);
        // A length that is only claimed is not believed beyond a megabyte.
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(content.Headers.ContentLength ?? 0, 4_096, 1 << 20));
        int length = 0;
        try
        {
            Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                for (; ; )
                {
                    if (length == buffer.Length)
                        buffer = Larger(buffer, limit);
                    int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                    if (read == 0)
                        break;
                    length += read;
                    if (length > limit)
                        throw new AnswerTooLargeException(limit);
                }
            }

            return new BufferedContent(buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Bytes).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        base.Dispose(disposing);
    }

    private static byte[] Larger(byte[] buffer, long limit)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(2L * buffer.Length, buffer.Length + 1L), Math.Max(limit + 1, buffer.Length + 1L)));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

/// <summary>An answer has more bytes than it may have.</summary>
internal sealed class AnswerTooLargeException(long limit) : IOException($"the answer has more than {limit} bytes")
{
    public long Limit { get; } = limit;
}
