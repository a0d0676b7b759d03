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

    private const string Input = "pixel_values";

    private ImageModelFolder(ModelFolder folder, LocalImageEmbeddingOptions options)
    {
        string path = PathIn(folder);
        bool isTower = TwoTowerFolder.HasTextTower(folder, path) || folder.Towers is not null;
        Name = folder.Name;
        VisionConfig config = folder.ReadOptional(path.Length == 0 ? "config.json" : $"{path}/config.json", ImageConfigJson.Default.VisionConfig) ?? new();
        Onnx = folder.LoadGraph(options.Weights.FindIn(folder, path, Stems), options.Onnx);
        try
        {
            InputName = Onnx.Inputs is [{ } only] ? only.Name : Onnx.Inputs.Any(input => input.Name == Input) && Onnx.Inputs.Count == 1 ? Input
                : throw new NotSupportedException($"{Onnx.File}: the inputs are {string.Join(", ", Onnx.Inputs.Select(input => $"'{input.Name}'"))}; supported: one input of pictures. Export the picture tower by itself (vision_model.onnx).");
            OnnxPort port = Onnx.Inputs[0];
            if (port.Shape.Count != 4 || !OnnxInputs.FloatTypes.Contains(port.ElementType))
                throw new NotSupportedException($"{Onnx.File}: input '{port.Name}' is {port.ElementType} of {port.Shape.Count} axes; supported: {string.Join(", ", OnnxInputs.FloatTypes)} of shape [batch, 3, height, width].");
            ImageSize? graph = port.Shape is [_, _, > 0 and var height, > 0 and var width] ? new(width, height) : null;
            Transform = ImageTransformFile.Read(folder, path, options.Backend, options.UseTestSize, graph);
            if (graph is { } wanted && Transform.FixedSize is { } given && given != wanted)
                throw new InvalidDataException($"{folder.Name}: pictures are made {given.Width} × {given.Height}, but {Onnx.File} takes {wanted.Width} × {wanted.Height}. The ONNX file and the folder's configuration do not belong together.");
            Patches = PatchesOf(config, Transform.FixedSize ?? graph);
            Output = Choose(options.Pooling, isTower);
            Logits = ImageOutput.Logits(Onnx);
            Labels = LabelsOf(config);
            Normalizes = options.Normalize ?? (isTower && path.Length == 0) || options.Model?.Normalize == true;
            if (options.Dimensions > Output.Width)
                throw new ArgumentOutOfRangeException(nameof(options), options.Dimensions, $"{Name} gives {Output.Width} dimensions; Dimensions must be 1 to {Output.Width}.");
            Dimensions = options.Dimensions ?? Output.Width;
            string pooling = options.Pooling == ImagePooling.Default ? "" : $"/{options.Pooling.ToString().ToLowerInvariant()}";
            string bits = $"{(options.Backend == ImageBackend.Default ? "" : $"/{options.Backend}")}{(options.UseTestSize ? "/test-size" : "")}{(options.Decoding.Background is { } under ? $"/on-{under.Red}-{under.Green}-{under.Blue}" : "")}";
            EmbeddingSpace space = folder.Space(Output.Width, SimilarityMetric.Cosine, Normalizes, pooling, bits, isTower ? TwoTowerFolder.RevisionFiles(path) : null);
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

    public string InputName { get; }

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
    public ImageOutput Choose(ImagePooling pooling, bool isTower = false) => ImageOutput.Choose(Onnx, Patches, CountTokens, pooling, isTower);

    /// <inheritdoc/>
    public void Dispose() => Onnx.Dispose();

    // A picture of nothing but zeros tells how many tokens there are.
    private int CountTokens(string output)
    {
        ImageSize size = Transform.FixedSize ?? throw new NotSupportedException($"{Onnx.File}: output '{output}' does not say how many tokens it has, and pictures have no fixed size. Export the model with fixed sizes.");
        int tokens = 0;
        using var inputs = new OnnxInputs(Onnx);
        inputs.Add(InputName, new float[3 * size.Width * size.Height].AsMemory(), 1, 3, size.Height, size.Width);
        Onnx.Run(inputs, output, (_, shape) => tokens = (int)shape[1]);
        return tokens;
    }

    private static int? PatchesOf(VisionConfig config, ImageSize? size)
    {
        VisionConfig vision = config.VisionPart ?? config;
        return vision.PatchSize is { ValueKind: JsonValueKind.Number } patch && patch.TryGetInt32(out int side) && side > 0 && size is { } picture
            ? picture.Width / side * (picture.Height / side) : null;
    }

    private static string[] LabelsOf(VisionConfig config) =>
        config.LabelNames is { } names ? [.. names]
        : config.Labels is { } labels ? [.. Enumerable.Range(0, labels.Count).Select(index => labels.GetValueOrDefault(index.ToString(System.Globalization.CultureInfo.InvariantCulture), index.ToString(System.Globalization.CultureInfo.InvariantCulture)))]
        : [];
}
