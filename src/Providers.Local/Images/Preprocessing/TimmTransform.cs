using System.Text.Json;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Images;

/// <summary>Transforms of timm and open_clip, which work on Pillow's pictures.</summary>
/// <remarks>Reference: timm 1.0.31, data/transforms_factory.py (evaluation); open_clip 3.3, transform.py.</remarks>
internal static class TimmTransform
{
    private const double UsualCrop = 0.875;
    private static readonly float[] ImageNetMean = [0.485f, 0.456f, 0.406f], ImageNetStd = [0.229f, 0.224f, 0.225f];
    private static readonly float[] ClipMean = [0.48145466f, 0.4578275f, 0.40821073f], ClipStd = [0.26862954f, 0.26130258f, 0.27577711f];

    private static readonly Dictionary<string, ResizeFilter> Filters = new(StringComparer.Ordinal)
    {
        ["nearest"] = ResizeFilter.Nearest,
        ["bilinear"] = ResizeFilter.Bilinear,
        ["bicubic"] = ResizeFilter.Bicubic,
        ["box"] = ResizeFilter.Box,
        ["hamming"] = ResizeFilter.Hamming,
        ["lanczos"] = ResizeFilter.Lanczos,
    };

    /// <summary>timm's <c>pretrained_cfg</c>.</summary>
    public static ImageTransform Of(TimmConfig config, string file, bool usesTestSize)
    {
        IReadOnlyList<int> input = (usesTestSize ? config.TestInputSize : null) ?? config.InputSize ?? [3, 224, 224];
        if (input is not [3, > 0 and var height, > 0 and var width])
            throw new NotSupportedException($"{file}: input_size is [{string.Join(", ", input)}]; supported: [3, height, width]. Choose a model of colour pictures.");
        double crop = (usesTestSize ? config.TestCropPct : null) ?? config.CropPct ?? UsualCrop;
        if (!(crop > 0))
            throw new InvalidDataException($"{file}: crop_pct is {crop}. It must be more than 0.");
        int scaledWidth = (int)Math.Floor(width / crop), scaledHeight = (int)Math.Floor(height / crop);
        float[] mean = [.. config.Mean ?? ImageNetMean], std = [.. config.Std ?? ImageNetStd];
        return new()
        {
            Sizing = config.CropMode switch
            {
                "squash" => new(scaledWidth, scaledHeight, SizingKind.Squash),
                "border" => new(scaledWidth, scaledHeight, SizingKind.Inside),
                null or "center" => scaledWidth == scaledHeight ? new(scaledWidth, scaledHeight, SizingKind.ShortestEdge) : new(scaledWidth, scaledHeight, SizingKind.Around),
                _ => throw new NotSupportedException($"{file}: crop_mode is '{config.CropMode}'; supported: center, squash, border."),
            },
            Filter = Filter(config.Interpolation ?? "bicubic", file),
            Crop = new(width, height),
            Rounding = CropRounding.HalfToEven,
            Fill = config.CropMode == "border" ? new(Grey(mean, 0), Grey(mean, 1), Grey(mean, 2)) : default,
            Values = Normalized(mean, std),
        };
    }

    /// <summary>open_clip's <c>preprocess_cfg</c>.</summary>
    public static ImageTransform OpenClip(OpenClipConfig config, string file)
    {
        OpenClipPreprocess preprocess = config.PreprocessCfg ?? new(null, null, null, null, null, null, null);
        ImageSize size = Size(preprocess.Size ?? config.ModelCfg?.VisionCfg?.ImageSize, file);
        string mode = preprocess.ResizeMode ?? "shortest";
        byte fill = preprocess.FillColor is { ValueKind: JsonValueKind.Number } colour ? (byte)Math.Clamp(colour.GetDouble(), 0, 255) : (byte)0;
        return new()
        {
            Sizing = mode switch
            {
                "squash" => new(size.Width, size.Height, SizingKind.Squash),
                "longest" => new(size.Width, size.Height, SizingKind.Inside),
                "shortest" => size.Width == size.Height ? new(size.Width, size.Height, SizingKind.ShortestEdge) : new(size.Width, size.Height, SizingKind.Around),
                _ => throw new NotSupportedException($"{file}: resize_mode is '{mode}'; supported: shortest, longest, squash."),
            },
            Filter = Filter(preprocess.Interpolation ?? "bicubic", file),
            Crop = size,
            Rounding = CropRounding.HalfToEven,
            Fill = new(fill, fill, fill),
            Values = Normalized(preprocess.Mean ?? ClipMean, preprocess.Std ?? ClipStd),
        };
    }

    /// <summary>What a byte becomes: a fraction of 255, less the mean, divided by the deviation.</summary>
    public static float[] Normalized(IReadOnlyList<float> mean, IReadOnlyList<float> std) =>
        ImageTransform.Table((channel, value) => ((value / 255) - mean[Math.Min(channel, mean.Count - 1)]) / std[Math.Min(channel, std.Count - 1)]);

    private static byte Grey(float[] mean, int channel) => (byte)Math.Round(255 * mean[Math.Min(channel, mean.Length - 1)], MidpointRounding.ToEven);

    private static ResizeFilter Filter(string name, string file) => Filters.TryGetValue(name, out ResizeFilter filter) ? filter
        : throw new NotSupportedException($"{file}: interpolation is '{name}'; supported: {string.Join(", ", Filters.Keys)}.");

    private static ImageSize Size(JsonElement? size, string file) => size switch
    {
        { ValueKind: JsonValueKind.Number } side => new(side.GetInt32(), side.GetInt32()),
        { ValueKind: JsonValueKind.Array } sides when sides.GetArrayLength() == 2 => new(sides[1].GetInt32(), sides[0].GetInt32()),
        null or { ValueKind: JsonValueKind.Null } => new(224, 224),
        _ => throw new InvalidDataException($"{file}: size is {size}. It must be a number or [height, width]."),
    };
}
