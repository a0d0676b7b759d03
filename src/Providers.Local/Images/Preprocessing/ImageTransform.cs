using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Images;

/// <summary>From a picture to the numbers that a model takes: resize, crop, scale, normalise, one plane a channel.</summary>
/// <remarks>Immutable and safe for concurrent use. What it is made of is read by <see cref="ImageTransformFile"/>.</remarks>
internal sealed record ImageTransform
{
    private const int Channels = 3;

    /// <summary>The size that a picture gets before it is cropped; null leaves it as it is.</summary>
    public ImageSizing? Sizing { get; init; }

    public ResizeFilter Filter { get; init; } = ResizeFilter.Bicubic;

    /// <summary>Whether bytes are resized and cropped in torchvision's arithmetic, else in Pillow's.</summary>
    public bool IsTorch { get; init; }

    /// <summary>Whether the resize gives numbers that are not rounded (DINOv3).</summary>
    public bool IsFloat { get; init; }

    /// <summary>The middle part that is taken; null takes all. A picture that is smaller gets a margin.</summary>
    public ImageSize? Crop { get; init; }

    /// <summary>Where the crop begins when what is left over is odd.</summary>
    public CropRounding Rounding { get; init; }

    /// <summary>The margin's colour.</summary>
    public RgbColor Fill { get; init; }

    /// <summary>What each byte becomes, for each channel: 3 times 256 numbers.</summary>
    public required float[] Values { get; init; }

    /// <summary>Whether the first plane is blue.</summary>
    public bool IsBgr { get; init; }

    /// <summary>Patches instead of planes; null for planes.</summary>
    public ImagePatching? Patching { get; init; }

    /// <summary>The size of all results, or null where it depends on the picture.</summary>
    public ImageSize? FixedSize => Patching is not null ? null : Crop ?? (Sizing is { IsFixed: true } sizing ? sizing.Of(1, 1) : null);

    /// <summary>The size of the result.</summary>
    public ImageSize SizeOf(int width, int height) => Patching?.Fit(width, height) ?? Crop ?? Sizing?.Of(width, height) ?? new(width, height);

    /// <summary>How many numbers a picture becomes.</summary>
    /// <param name="size">Its size, of <see cref="SizeOf"/>.</param>
    public long LengthOf(ImageSize size) => Patching is { } patching ? (long)patching.Most * patching.Width : (long)Channels * size.Width * size.Height;

    /// <summary>Transforms a picture.</summary>
    /// <param name="picture">Three channels.</param>
    /// <param name="numbers">Receives shape [3, height, width] of <see cref="SizeOf"/>, or with <see cref="Patching"/> its list of patches.</param>
    public void Apply(PixelBuffer picture, Span<float> numbers)
    {
        if (Patching is not { } patching)
        {
            ApplyPlanes(picture, numbers);
            return;
        }

        ImageSize size = SizeOf(picture.Width, picture.Height);
        int length = Channels * size.Width * size.Height;
        float[] planes = ArrayPool<float>.Shared.Rent(length);
        ApplyPlanes(picture, planes.AsSpan(0, length));
        patching.Apply(planes, size, numbers);
        ArrayPool<float>.Shared.Return(planes);
    }

    private void ApplyPlanes(PixelBuffer picture, Span<float> planes)
    {
        ImageSize resized = Patching?.Fit(picture.Width, picture.Height) ?? Sizing?.Of(picture.Width, picture.Height) ?? new(picture.Width, picture.Height), size = Crop ?? resized;
        // What lies inside of both, seen from the resized picture, and where it stands in the result.
        (int left, int atX, int width) = Rounding.Overlap(resized.Width, size.Width);
        (int top, int atY, int height) = Rounding.Overlap(resized.Height, size.Height);
        var part = new ImagePart(left, top, width, height);
        if (IsFloat)
        {
            ApplyFloat(picture, resized, part, planes);
            return;
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(width * height * Channels);
        Span<byte> middle = bytes.AsSpan(0, width * height * Channels);
        ImageResizer.Resize(picture.Pixels.Span, picture.Width, picture.Height, resized, part, Filter, IsTorch, middle);
        int plane = size.Width * size.Height;
        if (width < size.Width || height < size.Height)
        {
            for (int channel = 0; channel < Channels; channel++)
                planes.Slice(PlaneOf(channel) * plane, plane).Fill(Values[(channel * 256) + (channel == 0 ? Fill.Red : channel == 1 ? Fill.Green : Fill.Blue)]);
        }

        for (int channel = 0; channel < Channels; channel++)
            Spread(middle[channel..], Values.AsSpan(channel * 256, 256), planes[((PlaneOf(channel) * plane) + (atY * size.Width) + atX)..], width, height, size.Width);

        ArrayPool<byte>.Shared.Return(bytes);
    }

    // One channel of pixels side by side becomes a plane.
    private static void Spread(ReadOnlySpan<byte> pixels, ReadOnlySpan<float> values, Span<float> plane, int width, int height, int stride)
    {
        ref float table = ref MemoryMarshal.GetReference(values[..256]);
        for (int y = 0; y < height; y++)
        {
            Span<float> to = plane.Slice(y * stride, width);
            ReadOnlySpan<byte> row = pixels.Slice(y * width * Channels, ((width - 1) * Channels) + 1);
            ref byte from = ref MemoryMarshal.GetReference(row);
            for (int x = 0; x < to.Length; x++)
                to[x] = Unsafe.Add(ref table, (int)Unsafe.Add(ref from, x * Channels));
        }
    }

    // Values of bytes lie on a line, so numbers between them do as well.
    private void ApplyFloat(PixelBuffer picture, ImageSize resized, ImagePart part, Span<float> planes)
    {
        FilterWeights? columns = resized.Width == picture.Width ? null : FilterWeightsCache.Get(picture.Width, resized.Width, part.Columns, Filter, isTorch: true);
        FilterWeights? rows = resized.Height == picture.Height ? null : FilterWeightsCache.Get(picture.Height, resized.Height, part.Rows, Filter, isTorch: true);
        (int firstRow, int count) = (rows?.Source ?? part.Rows).GetOffsetAndLength(picture.Height);
        float[] values = ArrayPool<float>.Shared.Rent(part.Width * part.Height * Channels);
        FloatResizer.Resize(picture.Pixels.Span, picture.Width, new(columns, rows, firstRow, count), part, values.AsSpan(0, part.Width * part.Height * Channels));
        int plane = part.Width * part.Height;
        for (int pixel = 0; pixel < plane; pixel++)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                float zero = Values[channel * 256], one = (Values[(channel * 256) + 255] - zero) / 255;
                planes[(PlaneOf(channel) * plane) + pixel] = zero + (one * values[(pixel * Channels) + channel]);
            }
        }

        ArrayPool<float>.Shared.Return(values);
    }

    private int PlaneOf(int channel) => IsBgr ? Channels - 1 - channel : channel;

    /// <summary>What each byte becomes.</summary>
    /// <param name="byteToNumber">For a channel and a byte.</param>
    public static float[] Table(Func<int, float, float> byteToNumber) => [.. Enumerable.Range(0, Channels * 256).Select(i => byteToNumber(i / 256, i % 256))];
}

/// <summary>Where the middle part begins, by the library: with what is left over odd they differ by a pixel.</summary>
internal enum CropRounding
{
    /// <summary>transformers with torchvision: rounded towards zero, margins too.</summary>
    Down,

    /// <summary>transformers with Pillow: down, but a margin is rounded up.</summary>
    MarginUp,

    /// <summary>torchvision, timm, open_clip: to the nearest, half to even; margins down.</summary>
    HalfToEven,
}

/// <summary>Arithmetic of <see cref="CropRounding"/>.</summary>
internal static class CropRoundingExtensions
{
    /// <summary>The overlap of a length and the part wanted of it: where it begins in the source and in the result, and how long it is.</summary>
    public static (int From, int To, int Length) Overlap(this CropRounding rounding, int length, int wanted)
    {
        int over = Math.Abs(length - wanted);
        if (wanted > length)
            return (0, rounding == CropRounding.MarginUp ? (over + 1) / 2 : over / 2, length);
        return (rounding == CropRounding.HalfToEven ? (int)Math.Round(over / 2.0, MidpointRounding.ToEven) : over / 2, 0, wanted);
    }
}

/// <summary>How the size of a resized picture follows from its own.</summary>
/// <param name="Width">Width wanted, or of a box.</param>
/// <param name="Height">Height wanted, or of a box.</param>
/// <param name="Kind">What is wanted.</param>
/// <param name="Longest">Of the shortest edge: the longest one must not exceed it; null for no limit.</param>
internal sealed record ImageSizing(int Width, int Height, SizingKind Kind, int? Longest = null)
{
    public bool IsFixed => Kind == SizingKind.Squash;

    public ImageSize Of(int width, int height)
    {
        if (Kind == SizingKind.Squash)
            return new(Width, Height);
        if (Kind is SizingKind.Inside or SizingKind.Around)
        {
            // timm's and open_clip's ResizeKeepRatio rounds, half to even.
            double across = (double)width / Width, down = (double)height / Height, ratio = Kind == SizingKind.Inside ? Math.Max(across, down) : Math.Min(across, down);
            return new(Math.Max(1, (int)Math.Round(width / ratio, MidpointRounding.ToEven)), Math.Max(1, (int)Math.Round(height / ratio, MidpointRounding.ToEven)));
        }

        int shortest = Math.Min(width, height), longest = Math.Max(width, height), wanted = Width;
        if (Longest is { } most && (double)longest / shortest * wanted > most)
            wanted = (int)Math.Round((double)most * shortest / longest);
        // Cut off, not rounded; in whole numbers, as the reference's division of floats gives for all sizes in use.
        int other = (int)Math.Min((double)wanted * longest / shortest, int.MaxValue / 4);
        return width <= height ? new(wanted, Math.Max(1, other)) : new(Math.Max(1, other), wanted);
    }
}

/// <summary>Kinds of <see cref="ImageSizing"/>.</summary>
internal enum SizingKind
{
    /// <summary>Both sides as wanted, whatever the shape.</summary>
    Squash,

    /// <summary>The shorter side as wanted, the shape kept.</summary>
    ShortestEdge,

    /// <summary>As large as fits into a box, the shape kept.</summary>
    Inside,

    /// <summary>As small as covers a box, the shape kept.</summary>
    Around,
}
