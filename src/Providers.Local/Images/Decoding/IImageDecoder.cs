namespace Polymodal.Providers.Local.Images;

/// <summary>Reads the files of pictures. The door for other libraries than the built-in one.</summary>
/// <remarks>Implementations must be safe for concurrent use.</remarks>
public interface IImageDecoder
{
    /// <summary>Decodes a picture on the calling thread.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="options">Limits, and what becomes of alpha.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Red, green, blue, turned as the file asks.</returns>
    /// <exception cref="InvalidDataException">It is no picture, it is damaged, or it exceeds a limit.</exception>
    /// <exception cref="NotSupportedException">The format is known but cannot be read; the message names it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    PixelBuffer Decode(ReadOnlyMemory<byte> file, ImageDecodingOptions options, CancellationToken cancellationToken = default);

    /// <summary>How many frames or pages a file has, without decoding them.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="options">Limits.</param>
    /// <returns>At least 1.</returns>
    /// <exception cref="InvalidDataException">It is no picture, or it is damaged.</exception>
    /// <exception cref="NotSupportedException">The format is known but cannot be read; the message names it.</exception>
    int CountFrames(ReadOnlyMemory<byte> file, ImageDecodingOptions options);
}
