namespace Polymodal.Providers.Local.Images;

/// <summary>The decoder that is used when no other one is given: libvips for JPEG, PNG, WebP, TIFF and AVIF, own readers for GIF, BMP and PPM.</summary>
/// <remarks>
/// Pixels are those of Pillow's <c>exif_transpose</c> and <c>convert("RGB")</c>, with the exceptions that docs/image-models.md lists. Nothing but the bytes
/// given is read. libvips is started once for the process, with every operation blocked but these loaders: who uses libvips beside this in one process
/// finds its other loaders blocked. Safe for concurrent use.
/// </remarks>
public sealed class ImageDecoder : IImageDecoder
{
    /// <summary>The decoder; it has no state.</summary>
    public static ImageDecoder Default { get; } = new();

    /// <inheritdoc/>
    public PixelBuffer Decode(ReadOnlyMemory<byte> file, ImageDecodingOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ImageFormat format = Checked(file, options);
        cancellationToken.ThrowIfCancellationRequested();
        PixelBuffer picture;
        try
        {
            picture = format.Read is { } read ? read(file, format, options, cancellationToken) : VipsReader.Read(file, format, options, cancellationToken);
        }
        catch (Exception exception) when (exception is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            // An own reader that was led out of the file.
            throw new InvalidDataException($"the {format.Name} picture ends early or is damaged.", exception);
        }

        return options.ApplyOrientation ? Orientation.Apply(picture, Orientation.Of(file.Span, format)) : picture;
    }

    /// <inheritdoc/>
    public int CountFrames(ReadOnlyMemory<byte> file, ImageDecodingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ImageFormat format = Checked(file, options);
        int frames = format.Frames?.Invoke(file) ?? (format.HasPages ? VipsReader.CountPages(file, format) : 1);
        return frames <= options.MaxFrames ? frames
            : throw new InvalidDataException($"the {format.Name} picture has {frames} frames; at most {options.MaxFrames} are allowed. Cut it, or raise MaxFrames.");
    }

    private static ImageFormat Checked(ReadOnlyMemory<byte> file, ImageDecodingOptions options) =>
        file.Length <= options.MaxBytes ? ImageFormat.Of(file.Span)
            : throw new InvalidDataException($"the file has {file.Length} bytes; at most {options.MaxBytes} are allowed. Make the picture smaller, or raise MaxBytes.");
}
