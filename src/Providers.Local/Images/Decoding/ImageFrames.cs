namespace Polymodal.Providers.Local.Images;

/// <summary>Frames of animations and pages of documents, for any decoder.</summary>
public static class ImageFrames
{
    /// <summary>Decodes frames that are spread evenly over a file: the middle ones of as many parts of equal length.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="file">The file's bytes.</param>
    /// <param name="count">How many; at least 1. A file with fewer frames gives all of them.</param>
    /// <param name="options">Limits, and what becomes of alpha; its <see cref="ImageDecodingOptions.Frame"/> is not looked at. Null for the defaults.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The frames in their order, each decoded when it is asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="InvalidDataException">It is no picture, it is damaged, or it exceeds a limit.</exception>
    /// <exception cref="NotSupportedException">The format is known but cannot be read; the message names it.</exception>
    public static IEnumerable<PixelBuffer> SampleFrames(this IImageDecoder decoder, ReadOnlyMemory<byte> file, int count, ImageDecodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ImageDecodingOptions chosen = (options ?? new()).Validated();
        int frames = decoder.CountFrames(file, chosen), taken = Math.Min(count, frames);
        return Enumerable.Range(0, taken).Select(part => decoder.Decode(file, chosen.At((int)(((2L * part) + 1) * frames / (2L * taken))), cancellationToken));
    }
}
