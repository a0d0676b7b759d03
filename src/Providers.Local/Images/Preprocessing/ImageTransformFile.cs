using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Images;

/// <summary>Reads how a folder's pictures are prepared, in any of the dialects that libraries write.</summary>
internal static class ImageTransformFile
{
    private static readonly float[] ImageNetMean = [0.485f, 0.456f, 0.406f], ImageNetStd = [0.229f, 0.224f, 0.225f];

    /// <summary>Reads the transform.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="path">The model's own folder in it; empty for the folder itself.</param>
    /// <param name="backend">Whose arithmetic is wanted.</param>
    /// <param name="usesTestSize">Of timm: whether the size for testing is taken where there is one.</param>
    /// <param name="graphSize">Side that the graph asks for, where no file says it; null when it takes any.</param>
    public static ImageTransform Read(ModelFolder folder, string path, ImageBackend backend, bool usesTestSize, ImageSize? graphSize)
    {
        string File(string name) => path.Length == 0 ? name : $"{path}/{name}";
        if (folder.ReadOptional(File("preprocessor_config.json"), ImageConfigJson.Default.ProcessorConfig) is { } preprocessor)
            return TransformersTransform.Of(preprocessor, $"{folder.Name}/{File("preprocessor_config.json")}", backend);
        if (folder.ReadOptional(File("processor_config.json"), ImageConfigJson.Default.ProcessorFile)?.ImageProcessor is { } processor)
            return TransformersTransform.Of(processor, $"{folder.Name}/{File("processor_config.json")}", backend);
        if (TwoTowerFolder.OpenClip(folder, path) is { } openClip)
            return TimmTransform.OpenClip(openClip, $"{folder.Name}/{File("open_clip_config.json")}");
        TimmConfig? timm = folder.ReadOptional(File("config.json"), ImageConfigJson.Default.TimmConfig);
        if (timm?.PretrainedCfg is { } pretrained)
            return TimmTransform.Of(pretrained, $"{folder.Name}/{File("config.json")}", usesTestSize);
        if (timm is { InputSize: not null } older)
            return TimmTransform.Of(older, $"{folder.Name}/{File("config.json")}", usesTestSize);
        return graphSize is { } size ? Torchvision(size) : throw new NotSupportedException(
            $"{folder.Name}: there is no preprocessor_config.json, processor_config.json, open_clip_config.json or pretrained_cfg, and the graph takes pictures of any size. Add one of these files, or export the model for one size.");
    }

    /// <summary>What torchvision's weights of classifiers are given: shortest edge to 1/0.875 of the size, bilinear, middle part, ImageNet's mean and deviation.</summary>
    public static ImageTransform Torchvision(ImageSize size)
    {
        int edge = (int)Math.Round(Math.Min(size.Width, size.Height) / 0.875);
        return new()
        {
            Sizing = new(edge, edge, SizingKind.ShortestEdge),
            Filter = ResizeFilter.Bilinear,
            Crop = size,
            Rounding = CropRounding.HalfToEven,
            Values = TimmTransform.Normalized(ImageNetMean, ImageNetStd),
        };
    }
}
