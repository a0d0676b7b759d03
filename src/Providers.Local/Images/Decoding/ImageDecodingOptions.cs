namespace Polymodal.Providers.Local.Images;

/// <summary>How pictures are decoded. The limits are checked before pixels are, the time during it; the defaults suit a server that takes files from strangers.</summary>
public sealed class ImageDecodingOptions
{
    /// <summary>Largest file, in bytes; at least 1, default 64 MiB.</summary>
    public long MaxBytes { get; set; } = 64 << 20;

    /// <summary>Most pixels, width times height; at least 1, default 64,000,000. Decoding takes three bytes for each of them.</summary>
    public long MaxPixels { get; set; } = 64_000_000;

    /// <summary>Most pixels in a row or column; at least 1, default 65,535.</summary>
    public int MaxSide { get; set; } = 65_535;

    /// <summary>Most frames or pages a file may have; at least 1, default 10,000. Only those asked for are decoded.</summary>
    public int MaxFrames { get; set; } = 10_000;

    /// <summary>Longest time of decoding one picture; default 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What lies under clear pixels. Default null: alpha is dropped, so that hidden colours show, as Pillow's <c>convert("RGB")</c> and so most Python
    /// libraries do when given a path. <see cref="RgbColor.White"/> is what transformers does with an opened picture.
    /// </summary>
    public RgbColor? Background { get; set; }

    /// <summary>Whether the picture is turned as its Exif or XMP data say. Default true.</summary>
    public bool ApplyOrientation { get; set; } = true;

    /// <summary>Which frame or page is decoded, from 0. Default 0: the first.</summary>
    public int Frame { get; set; }

    /// <summary>Whether pixels are taken from the shared pool, to which <see cref="PixelBuffer.Return"/> gives them back.</summary>
    internal bool RentsPixels { get; private set; }

    internal ImageDecodingOptions Validated()
    {
        Check(nameof(MaxBytes), MaxBytes, 1);
        Check(nameof(MaxPixels), MaxPixels, 1);
        Check(nameof(MaxSide), MaxSide, 1);
        Check(nameof(MaxFrames), MaxFrames, 1);
        Check(nameof(Frame), Frame, 0);
        if (Timeout <= TimeSpan.Zero || Timeout.TotalMilliseconds > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "Timeout must be more than nothing and at most 24 days.");
        return At(Frame);
    }

    internal ImageDecodingOptions At(int frame)
    {
        var copy = (ImageDecodingOptions)MemberwiseClone();
        copy.Frame = frame;
        return copy;
    }

    internal ImageDecodingOptions Renting()
    {
        ImageDecodingOptions copy = At(Frame);
        copy.RentsPixels = true;
        return copy;
    }

    internal void CheckSize(ImageFormat format, long width, long height)
    {
        if (width < 1 || height < 1)
            throw new InvalidDataException($"the {format.Name} picture says it is {width} × {height} pixels. It is damaged.");
        if (width > MaxSide || height > MaxSide)
            throw new InvalidDataException($"the {format.Name} picture has {width} × {height} pixels; at most {MaxSide} a side are allowed. Make it smaller, or raise MaxSide.");
        if (width * height > MaxPixels || width * height > Array.MaxLength / 3)
            throw new InvalidDataException($"the {format.Name} picture has {width} × {height} = {width * height} pixels; at most {MaxPixels} are allowed. Make it smaller, or raise MaxPixels.");
    }

    private static void Check(string name, long value, long least)
    {
        if (value < least)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");
    }
}
