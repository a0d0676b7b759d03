using System.Globalization;
using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Images;

/// <summary>A folder of a picture model, read once: transform, graph, output, classes and space.</summary>
/// <remarks>Owns the graph. Safe for concurrent use.</remarks>
internal sealed class ImageModelFolder : IDisposable
{
    /// <summary>What file names of graphs of picture models begin with, best first.</summary>
    public static readonly string[] Stems = ["vision_model", "model", "encoder_model", "image_encoder"];

    private const string Input = "pixel_values", PatchMask = "pixel_attention_mask", PatchGrid = "spatial_shapes";

    private static readonly string[] PatchInputs = [PatchMask, PatchGrid];

    // Tokens of the shortest text that a graph of both towers takes.
    private readonly int _textTokens;

    private ImageModelFolder(ModelFolder folder, LocalImageEmbeddingOptions options)
    {
        string path = PathIn(folder);
        Name = folder.Name;
        VisionConfig config = folder.ReadOptional(path.Length == 0 ? "config.json" : $"{path}/config.json", ImageConfigJson.Default.VisionConfig) ?? new();
        Onnx = folder.LoadGraph(options.Weights.FindIn(folder, path, Stems), options.Onnx);
        try
        {
            bool isTower = TwoTowerFolder.HasTextTower(folder, path) || folder.Towers is not null || Onnx.Inputs.Any(input => input.Name == TwoTowerFolder.TokenInput);
            _textTokens = TwoTowerFolder.OpenClip(folder, path) is { } openClip ? openClip.ModelCfg?.TextCfg?.ContextLength ?? TwoTowerFolder.OpenClipContext : 2;
            Port = Onnx.Inputs is [{ } only] ? only : Onnx.Inputs.FirstOrDefault(input => input.Name == Input)
                ?? throw new NotSupportedException($"{Onnx.File}: the inputs are {string.Join(", ", Onnx.Inputs.Select(input => $"'{input.Name}'"))}; supported: one input of pictures. Export the picture tower by itself (vision_model.onnx).");
            ImageSize? graph = Port.Shape is [_, _, > 0 and var height, > 0 and var width] ? new(width, height) : null;
            Transform = ImageTransformFile.Read(folder, path, options.Backend, options.UseTestSize, graph);
            int axes = Transform.Patching is null ? 4 : 3;
            if (Port.Shape.Count != axes || !OnnxInputs.FloatTypes.Contains(Port.ElementType))
                throw new NotSupportedException($"{Onnx.File}: input '{Port.Name}' is {Port.ElementType} of {Port.Shape.Count} axes; supported: {string.Join(", ", OnnxInputs.FloatTypes)} of shape {(axes == 4 ? "[batch, 3, height, width]" : "[batch, patches, numbers], as the folder's configuration asks for patches")}.");
            if (Onnx.Inputs.FirstOrDefault(input => input != Port && !IsFed(input)) is { } strange)
                throw new NotSupportedException($"{Onnx.File}: there is an input '{strange.Name}' beside '{Port.Name}'; supported: one input of pictures{(Transform.Patching is null ? "" : $", {string.Join(", ", PatchInputs)}")}. Export the picture tower by itself (vision_model.onnx).");
            if (graph is { } wanted && Transform.FixedSize is { } given && given != wanted)
                throw new InvalidDataException($"{folder.Name}: pictures are made {given.Width} × {given.Height}, but {Onnx.File} takes {wanted.Width} × {wanted.Height}. The ONNX file and the folder's configuration do not belong together.");
            Patches = Transform.Patching?.Most ?? PatchesOf(config, Transform.FixedSize ?? graph);
            Output = options.PerLayer || options.LayerWeights is not null
                ? ImageOutput.ChooseLayers(Onnx, options.LayerWeights, () => Choose(options.Pooling == ImagePooling.Default ? ImagePooling.Cls : options.Pooling))
                : Choose(options.Pooling, isTower);
            Logits = ImageOutput.Logits(Onnx);
            Labels = LabelsOf(config);
            Normalizes = options.Normalize ?? (isTower && path.Length == 0) || options.Model?.Normalize == true;
            if (options.Dimensions > Output.Length)
                throw new ArgumentOutOfRangeException(nameof(options), options.Dimensions, $"{Name} gives {Output.Length} dimensions; Dimensions must be 1 to {Output.Length}.");
            Dimensions = options.Dimensions ?? Output.Length;
            string pooling = options.Pooling == ImagePooling.Default ? "" : $"/{options.Pooling.ToString().ToLowerInvariant()}";
            pooling += options.PerLayer ? "/per-layer" : options.LayerWeights is { } weights ? $"/layers-{string.Join('-', weights.Select(weight => weight.ToString("R", CultureInfo.InvariantCulture)))}" : "";
            string bits = $"{(options.Backend == ImageBackend.Default ? "" : $"/{options.Backend}")}{(options.UseTestSize ? "/test-size" : "")}{(options.Decoding.Background is { } under ? $"/on-{under.Red}-{under.Green}-{under.Blue}" : "")}";
            EmbeddingSpace space = folder.Space(Output.Length, SimilarityMetric.Cosine, Normalizes, pooling, bits, isTower ? TwoTowerFolder.RevisionFiles(path) : null);
            Space = space.Cut(Dimensions);
            Scale = isTower ? new(() => TowerScale.Read(folder.FullPath, path, EmbeddingModality.Image)) : null;
        }
        catch
        {
            Onnx.Dispose();
            throw;
        }
    }

    public string Name { get; }

    public OnnxModel Onnx { get; }

    /// <summary>The input that takes pictures.</summary>
    public OnnxPort Port { get; }

    public ImageTransform Transform { get; }

    /// <summary>Patches of a picture; null where the folder does not say.</summary>
    public int? Patches { get; }

    public ImageOutput Output { get; }

    /// <summary>The classes' scores; null where the graph gives none.</summary>
    public ImageOutput? Logits { get; }

    /// <summary>The classes' names; empty where the folder has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    public bool Normalizes { get; }

    public int Dimensions { get; }

    public EmbeddingSpace Space { get; }

    /// <summary>Of a model with several towers: how it judges cosines; read when it is first asked for.</summary>
    public Lazy<ContrastiveScale?>? Scale { get; }

    /// <summary>The model's own folder in a folder of sentence-transformers; empty where it has none.</summary>
    public static string PathIn(ModelFolder folder) =>
        folder.ReadOptional("modules.json", TextModelJson.Default.ModuleEntryArray) is [{ Path: { } own }, ..] && own != "." ? own : "";

    public static ImageModelFolder Load(ModelFolder folder, LocalImageEmbeddingOptions options) => new(folder, options);

    /// <summary>Chooses an output for a pooling.</summary>
    public ImageOutput Choose(ImagePooling pooling, bool isTower = false) => ImageOutput.Choose(Onnx, Patches, Measure, pooling, isTower);

    /// <summary>Gives pictures of one size to a run.</summary>
    /// <param name="inputs">The run's inputs.</param>
    /// <param name="numbers">What <see cref="ImageTransform.Apply"/> made of them, one after the other.</param>
    /// <param name="rows">How many.</param>
    /// <param name="size">Their size, of <see cref="ImageTransform.SizeOf"/>.</param>
    public void Feed(OnnxInputs inputs, float[] numbers, int rows, ImageSize size)
    {
        foreach (OnnxPort text in Onnx.Inputs.Where(input => TwoTowerFolder.TextInputs.Contains(input.Name)))
        {
            int tokens = text.Shape is [_, > 0 and var length] ? length : _textTokens;
            inputs.Add(text.Name, [.. Enumerable.Range(0, tokens).Select(token => text.Name == TwoTowerFolder.TokenInput ? 0L : 1L)], 1, tokens);
        }

        Memory<float> values = numbers.AsMemory(0, checked((int)(rows * Transform.LengthOf(size))));
        if (Transform.Patching is not { } patching)
        {
            inputs.Add(Port.Name, values, rows, 3, size.Height, size.Width);
            return;
        }

        inputs.Add(Port.Name, values, rows, patching.Most, patching.Width);
        ImageSize grid = patching.Grid(size);
        inputs.Add(PatchMask, [.. Enumerable.Range(0, rows * patching.Most).Select(place => place % patching.Most < grid.Width * grid.Height ? 1L : 0)], rows, patching.Most);
        inputs.Add(PatchGrid, [.. Enumerable.Range(0, rows * 2).Select(place => place % 2 == 0 ? (long)grid.Height : grid.Width)], rows, 2);
    }

    /// <summary>Of an output of a picture what stands for it: without the patches that only fill up its list.</summary>
    public ReadOnlySpan<float> Real(ImageOutput output, ReadOnlySpan<float> values, ImageSize size) =>
        Transform.Patching?.Grid(size) is { } grid && output.Kind == ImageOutputKind.Tokens ? values[..Math.Min(values.Length, grid.Width * grid.Height * output.Width)] : values;

    /// <inheritdoc/>
    public void Dispose() => Onnx.Dispose();

    // A graph of both towers wants texts too, which change no picture's vector: the shortest will do.
    private bool IsFed(OnnxPort input) => (TwoTowerFolder.TextInputs.Contains(input.Name) && OnnxInputs.IntegerTypes.Contains(input.ElementType)) || (Transform.Patching is not null && PatchInputs.Contains(input.Name) && OnnxInputs.IntegerTypes.Contains(input.ElementType));

    // A picture of nothing but zeros tells the axes of an output.
    private int[] Measure(string output)
    {
        ImageSize size = Transform.FixedSize ?? Transform.Patching?.Fit(1, 1)
            ?? throw new NotSupportedException($"{Onnx.File}: output '{output}' does not say its length, and pictures have no fixed size. Export the model with fixed sizes.");
        int[] axes = [];
        using var inputs = new OnnxInputs(Onnx);
        Feed(inputs, new float[Transform.LengthOf(size)], 1, size);
        Onnx.Run(inputs, output, (_, shape) => axes = [.. shape.ToArray().Select(axis => (int)axis)]);
        return axes;
    }

    private static int? PatchesOf(VisionConfig config, ImageSize? size)
    {
        VisionConfig vision = config.VisionPart ?? config;
        return vision.PatchSize is { ValueKind: JsonValueKind.Number } patch && patch.TryGetInt32(out int side) && side > 0 && size is { } picture
            ? picture.Width / side * (picture.Height / side) : null;
    }

    private static string[] LabelsOf(VisionConfig config) =>
        config.LabelNames is { } names ? [.. names]
        : config.Labels is { } labels ? [.. Enumerable.Range(0, labels.Count).Select(index => labels.GetValueOrDefault(index.ToString(CultureInfo.InvariantCulture), index.ToString(CultureInfo.InvariantCulture)))]
        : [];
}
