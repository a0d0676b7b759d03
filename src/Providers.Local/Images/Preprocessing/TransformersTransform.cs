using System.Text.Json;

namespace Polymodal.Providers.Local.Images;

/// <summary>Transforms of the image processors of transformers. A file leaves out what its class has as default; a further class is a line in <see cref="Classes"/>.</summary>
/// <remarks>Reference: transformers 5.23, the backends torchvision (its default) and pil.</remarks>
internal static class TransformersTransform
{
    private const double UsualFactor = 1 / 255.0;
    private static readonly string[] Endings = ["ImageProcessorFast", "ImageProcessorPil", "ImageProcessor", "FeatureExtractor"];
    private static readonly float[] Half = [0.5f, 0.5f, 0.5f], ImageNet = [0.485f, 0.456f, 0.406f], ImageNetStd = [0.229f, 0.224f, 0.225f];
    private static readonly float[] Clip = [0.48145466f, 0.4578275f, 0.40821073f], ClipStd = [0.26862954f, 0.26130258f, 0.27577711f];

    private static readonly ClassDefaults LikeClip = new(ResizeFilter.Bicubic, 224, IsSquare: false, Crop: 224, Clip, ClipStd);
    private static readonly ClassDefaults LikeViT = new(ResizeFilter.Bilinear, 224, IsSquare: true, Crop: null, Half, Half);
    private static readonly ClassDefaults LikeConvNext = new(ResizeFilter.Bilinear, 384, IsSquare: false, Crop: null, ImageNet, ImageNetStd) { CropPct = 224.0 / 256 };
    private static readonly ClassDefaults LikeMobileNet = new(ResizeFilter.Bilinear, 256, IsSquare: false, Crop: 224, Half, Half);

    private static readonly Dictionary<string, ClassDefaults> Classes = new(StringComparer.Ordinal)
    {
        ["CLIP"] = LikeClip,
        ["ChineseCLIP"] = LikeClip,
        ["Bit"] = LikeClip,
        ["Siglip"] = new(ResizeFilter.Bicubic, 224, IsSquare: true, Crop: null, Half, Half),
        ["Siglip2"] = new(ResizeFilter.Bilinear, 224, IsSquare: true, Crop: null, Half, Half) { Patching = new(16, 256) },
        ["ViT"] = LikeViT,
        ["DeiT"] = new(ResizeFilter.Bicubic, 256, IsSquare: true, Crop: 224, Half, Half),
        ["Beit"] = new(ResizeFilter.Bicubic, 256, IsSquare: true, Crop: 224, Half, Half),
        ["ConvNext"] = LikeConvNext,
        ["EfficientNet"] = new(ResizeFilter.Nearest, 346, IsSquare: true, Crop: 289, Half, Half) { Crops = false, NormalizesTwice = true },
        ["MobileNetV1"] = LikeMobileNet,
        ["MobileNetV2"] = LikeMobileNet,
        ["MobileViT"] = new(ResizeFilter.Bilinear, 224, IsSquare: false, Crop: 256, Half, Half) { IsBgr = true, Normalizes = false },
        ["Blip"] = new(ResizeFilter.Bicubic, 384, IsSquare: true, Crop: null, Clip, ClipStd),
        ["Pvt"] = new(ResizeFilter.Bilinear, 224, IsSquare: true, Crop: null, ImageNet, ImageNetStd),
        ["DINOv3ViT"] = new(ResizeFilter.Bilinear, 224, IsSquare: true, Crop: null, ImageNet, ImageNetStd) { IsFloat = true },
    };

    /// <summary>Makes the transform.</summary>
    /// <param name="config">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="backend">Whose arithmetic is wanted.</param>
    public static ImageTransform Of(ProcessorConfig config, string file, ImageBackend backend)
    {
        string type = config.ImageProcessorType ?? config.FeatureExtractorType ?? throw new InvalidDataException($"{file}: image_processor_type is missing. Name the class that reads it.");
        string ending = Endings.FirstOrDefault(known => type.EndsWith(known, StringComparison.Ordinal)) ?? "";
        ClassDefaults defaults = Classes.TryGetValue(type[..^ending.Length], out ClassDefaults? found) ? found : throw new NotSupportedException(
            $"{file}: image_processor_type is '{type}'; supported: {string.Join(", ", Classes.Keys.Select(name => $"{name}ImageProcessor"))}. Choose a model with one of these.");
        // DINOv3 has one backend only.
        bool isTorch = backend != ImageBackend.Pillow || defaults.IsFloat;
        ImageSize? crop = (config.DoCenterCrop ?? (defaults.Crops && defaults.Crop is not null)) ? Box(config.CropSize, defaults.Crop ?? 224, file, "crop_size") : null;
        ImageSizing? sizing = null;
        ImagePatching? patching = null;
        if (defaults.Patching is { } usual)
            patching = config.DoResize == false ? throw new NotSupportedException($"{file}: do_resize is false, and pictures are to be patches; supported: true.")
                : new(Positive(config.PatchSize ?? usual.Side, file, "patch_size"), Positive(config.MaxNumPatches ?? usual.Most, file, "max_num_patches"));
        else if (config.DoResize ?? true)
            (sizing, crop) = Sizing(config, defaults, crop, file);
        return new()
        {
            Sizing = sizing,
            Patching = patching,
            Filter = Filter(config.Resample, defaults, file),
            IsTorch = isTorch,
            IsFloat = defaults.IsFloat,
            Crop = crop,
            Rounding = isTorch ? CropRounding.Down : CropRounding.MarginUp,
            Values = Values(config, defaults, isTorch, file),
            IsBgr = config.DoFlipChannelOrder ?? defaults.IsBgr,
        };
    }

    private static (ImageSizing Sizing, ImageSize? Crop) Sizing(ProcessorConfig config, ClassDefaults defaults, ImageSize? crop, string file)
    {
        bool isSquare = config.DefaultToSquare ?? defaults.IsSquare;
        int Part(JsonElement size, string name) => size.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? Positive(value.GetInt32(), file, $"size.{name}") : 0;
        JsonElement? given = config.Size is { ValueKind: not JsonValueKind.Null } size ? size : null;
        int side = given is { ValueKind: JsonValueKind.Number } number ? Positive(number.GetInt32(), file, "size") : 0;
        int shortest = 0, longest = 0, width = 0, height = 0;
        if (given is { ValueKind: JsonValueKind.Object } sides)
            (shortest, longest, width, height) = (Part(sides, "shortest_edge"), Part(sides, "longest_edge"), Part(sides, "width"), Part(sides, "height"));
        else if (given is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 2)
            (height, width) = (Positive(list[0].GetInt32(), file, "size"), Positive(list[1].GetInt32(), file, "size"));
        else if (side == 0 && given is not null)
            throw new InvalidDataException($"{file}: size is {given}. It must be a number, [height, width] or an object with shortest_edge or height and width.");
        else if (side == 0)
            side = defaults.Size;

        if (side > 0)
            (shortest, width, height) = isSquare && defaults.CropPct is null ? (0, side, side) : (side, 0, 0);
        // ConvNeXT: larger pictures are squashed, smaller ones cut from a picture that is larger by crop_pct.
        if (defaults.CropPct is { } usual && shortest > 0)
        {
            return shortest >= 384
                ? (new(shortest, shortest, SizingKind.Squash), null)
                : (new((int)(shortest / (config.CropPct ?? usual)), 0, SizingKind.ShortestEdge), new(shortest, shortest));
        }

        return shortest > 0 ? (new(shortest, 0, SizingKind.ShortestEdge, longest > 0 ? longest : null), crop)
            : width > 0 && height > 0 ? (new(width, height, SizingKind.Squash), crop)
            : longest > 0 ? (new(longest, longest, SizingKind.Inside), crop)
            : throw new InvalidDataException($"{file}: size has neither shortest_edge nor height and width. Add them.");
    }

    private static float[] Values(ProcessorConfig config, ClassDefaults defaults, bool isTorch, string file)
    {
        double factor = config.RescaleFactor ?? UsualFactor;
        bool rescales = config.DoRescale ?? true, normalizes = config.DoNormalize ?? defaults.Normalizes;
        float offset = config.RescaleOffset == true ? 1 : 0;
        float[] mean = Three(config.ImageMean, defaults.Mean, file, "image_mean"), std = Three(config.ImageStd, defaults.Std, file, "image_std");
        bool twice = normalizes && (config.IncludeTop ?? defaults.NormalizesTwice);
        return ImageTransform.Table((channel, value) =>
        {
            float number = value;
            if (isTorch && rescales && normalizes && offset == 0)
            {
                // torchvision's backend takes rescaling into mean and deviation.
                number = (number - (mean[channel] * (float)(1 / factor))) / (std[channel] * (float)(1 / factor));
            }
            else
            {
                number = rescales ? (float)(number * factor) - offset : number;
                number = normalizes ? (number - mean[channel]) / std[channel] : number;
            }

            return twice ? number / std[channel] : number;
        });
    }

    private static ResizeFilter Filter(int? resample, ClassDefaults defaults, string file) => resample switch
    {
        null => defaults.Filter,
        >= 0 and <= 5 => (ResizeFilter)resample,
        _ => throw new NotSupportedException($"{file}: resample is {resample}; supported: 0 nearest, 1 lanczos, 2 bilinear, 3 bicubic, 4 box, 5 hamming."),
    };

    private static ImageSize Box(JsonElement? size, int usual, string file, string field)
    {
        switch (size)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return new(usual, usual);
            case { ValueKind: JsonValueKind.Number } side:
                return new(Positive(side.GetInt32(), file, field), side.GetInt32());
            case { ValueKind: JsonValueKind.Object } sides when sides.TryGetProperty("height", out JsonElement height) && sides.TryGetProperty("width", out JsonElement width):
                return new(Positive(width.GetInt32(), file, field), Positive(height.GetInt32(), file, field));
            default:
                throw new InvalidDataException($"{file}: {field} is {size}. It must be a number or an object with height and width.");
        }
    }

    private static int Positive(int value, string file, string field) => value is > 0 and <= 65_536 ? value : throw new InvalidDataException($"{file}: {field} is {value}. It must be 1 to 65,536.");

    private static float[] Three(IReadOnlyList<float>? values, float[] usual, string file, string field) => values is null ? usual
        : values.Count == 3 ? [.. values]
        : throw new NotSupportedException($"{file}: {field} has {values.Count} numbers; supported: 3. Choose a model of colour pictures.");

    private sealed record ClassDefaults(ResizeFilter Filter, int Size, bool IsSquare, int? Crop, float[] Mean, float[] Std)
    {
        public bool Crops { get; init; } = true;

        public bool Normalizes { get; init; } = true;

        public bool NormalizesTwice { get; init; }

        public bool IsBgr { get; init; }

        public bool IsFloat { get; init; }

        public double? CropPct { get; init; }

        public ImagePatching? Patching { get; init; }
    }
}
