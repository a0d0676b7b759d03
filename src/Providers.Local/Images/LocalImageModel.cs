using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Images;

/// <summary>
/// A picture model folder, ready to run: decode → resize, crop, normalise → graph → pooling. The layer below <see cref="LocalImageEmbeddingGenerator"/>, for those
/// who want to see or choose a step.
/// </summary>
/// <remarks>Safe for concurrent use. <see cref="Dispose"/> ends runs under way, fails what waits, and may be called again.</remarks>
public sealed class LocalImageModel : IContentClassifier, IDisposable, ITowerModel
{
    // One picture a run, as many side by side as there are threads, was fastest on the processors measured, and such runs share a session made for one picture;
    // an execution provider wants larger runs.
    private static readonly int[] Budgets = [1], ProviderBudgets = [16, 4, 64];

    private readonly ImageModelFolder _folder;
    private readonly LocalEngine<ImageItem> _engine;
    private readonly IImageDecoder _decoder;
    private readonly ImageDecodingOptions _decoding;
    private readonly Lazy<ConseSettings?> _conse;

    private LocalImageModel(ImageModelFolder folder, string path, LocalImageEmbeddingOptions options)
    {
        _folder = folder;
        // Read when asked for: it is no part of what gives the vectors, so it must not enter their space.
        _conse = new(() => folder.Logits is { } scores ? ConseFile.Read(new ModelFolder(path), scores.Width) : null);
        _decoder = options.Decoder ?? ImageDecoder.Default;
        _decoding = options.Decoding.Renting();
        _engine = new(new ImageRunner(), new EngineWork
        {
            Name = folder.Name,
            Fingerprint = folder.Space.Fingerprint,
            Budgets = options.PicturesPerRun is { } pictures ? [pictures] : options.ExecutionProvider is null ? Budgets : ProviderBudgets,
            // Pictures of a size of their own cannot share a run.
            Alone = folder.Transform.FixedSize is null || (folder.Onnx.ScaleSpansBatch && options.PicturesPerRun is null) || folder.Port.Shape[0] == 1,
            ScaleSpansBatch = folder.Onnx.ScaleSpansBatch,
            CostPerTrial = 24,
            LookAhead = 64,
            QueueItems = options.QueuePictures,
            QueueCost = options.QueuePictures,
        }, options);
    }

    /// <summary>The folder's name.</summary>
    public string Name => _folder.Name;

    /// <summary>The space of its vectors; the text tower of the same folder shares it.</summary>
    public EmbeddingSpace Space => _folder.Space;

    /// <summary>How a model with several towers turns the cosine of a picture and a text into a probability; null where the folder does not say.</summary>
    public ContrastiveScale? Scale => _folder.Scale?.Value;

    /// <summary>The names of the classes that <see cref="ClassifyAsync"/> tells apart; empty where the folder has none.</summary>
    public IReadOnlyList<string> Labels => _folder.Labels;

    /// <summary>How ConSE puts this classifier's pictures into a text model's space, from the folder's <c>conse.json</c>; null where it has none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or does not fit the classifier.</exception>
    public ConseSettings? Conse => _conse.Value;

    /// <summary>How runs are planned at present: as the options say, or the best that was found so far.</summary>
    public RunPlan Plan => _engine.Plan;

    /// <summary>Hears once of the plan that measuring found, on a thread of the engine.</summary>
    internal Action<RunPlan>? PlanFound { set => _engine.PlanFound = value; }

    internal ImageModelFolder Folder => _folder;

    internal bool IsClassifier => _folder.Logits is not null;

    /// <summary>Loads a model folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">Weights, pooling, limits and threads; <see cref="LocalEmbeddingOptions.ModelPath"/> is not looked at.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static LocalImageModel Load(string path, LocalImageEmbeddingOptions? options = null)
    {
        LocalImageEmbeddingOptions chosen = LocalEmbeddingOptions.Validated(options ?? new());
        return new LocalImageModel(ImageModelFolder.Load(new ModelFolder(TowersManifest.Resolve(path, EmbeddingModality.Image)), chosen), path, chosen);
    }

    /// <summary>The classes a picture is most likely of, by the model's own classifier.</summary>
    /// <param name="pictures">The files' bytes; any number.</param>
    /// <param name="top">How many classes for each; at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For each picture its classes, the likeliest first; probabilities are the softmax of the scores.</returns>
    /// <exception cref="NotSupportedException">The graph gives no scores of classes.</exception>
    /// <exception cref="InvalidDataException">A picture is damaged or exceeds a limit.</exception>
    /// <exception cref="EmbeddingOverloadException">Too much waits for the model already.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<ImageClass>>> ClassifyAsync(IReadOnlyList<ReadOnlyMemory<byte>> pictures, int top = 5, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        float[][] scored = await ScoreAsync([.. pictures.Select(file => new ImageInput(file))], cancellationToken).ConfigureAwait(false);
        return [.. scored.Select(scores => Best(scores, top))];
    }

    /// <summary>A vector for each patch, or each place of the feature map, of a picture: what segmentation, matching and heat maps are made from.</summary>
    /// <param name="picture">A file's bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The grid, not normalised; class and register tokens are left out. It covers the picture as the model sees it, after its crop.</returns>
    /// <exception cref="NotSupportedException">The graph gives neither tokens nor a feature map.</exception>
    /// <exception cref="InvalidDataException">The picture is damaged or exceeds a limit.</exception>
    /// <exception cref="EmbeddingOverloadException">Too much waits for the model already.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public async Task<ImagePatches> PatchesAsync(ReadOnlyMemory<byte> picture, CancellationToken cancellationToken = default)
    {
        ImageOutput output = _folder.Choose(ImagePooling.GlobalAverage) with { IsRaw = true };
        PixelBuffer pixels = _decoder.Decode(picture, _decoding, cancellationToken);
        ImageSize size = _folder.Transform.SizeOf(pixels.Width, pixels.Height);
        CallResult<float[]> result = await RunAsync([new ImageInput(default, pixels)], output, cancellationToken).ConfigureAwait(false);
        return ImagePatches.Of(result.Results[0], output, _folder.Transform.Patching?.Grid(size), size);
    }

    /// <inheritdoc/>
    string IContentClassifier.Fingerprint => Space.Fingerprint;

    /// <summary>The scores of all classes, see <see cref="IContentClassifier"/>.</summary>
    /// <inheritdoc/>
    public async Task<IReadOnlyList<float[]>> ScoreAsync(IReadOnlyList<DataContent> inputs, CancellationToken cancellationToken = default) =>
        await ScoreAsync([.. LocalGeneration.Checked(inputs, "picture").Select(picture => new ImageInput(picture.Data))], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    internal async Task<ImageEncoding> EncodeAsync(ImageInput[] inputs, int dimensions, CancellationToken cancellationToken)
    {
        CallResult<float[]> result = await RunAsync(inputs, _folder.Output, cancellationToken).ConfigureAwait(false);
        float[][] vectors = result.Results;
        for (int i = 0; i < vectors.Length; i++)
        {
            if (dimensions < vectors[i].Length)
                vectors[i] = vectors[i][..dimensions];
            if (_folder.Normalizes)
                L2.Normalize(vectors[i], dimensions);
        }

        return new ImageEncoding(vectors, result.Statistics);
    }

    /// <summary>The numbers that the graph takes for a picture.</summary>
    /// <returns>Shape [3, height, width], or a list of patches.</returns>
    internal (float[] Planes, ImageSize Size) Preprocess(PixelBuffer picture)
    {
        picture = picture.ToRgb(_decoding.Background);
        ImageSize size = _folder.Transform.SizeOf(picture.Width, picture.Height);
        var planes = new float[_folder.Transform.LengthOf(size)];
        _folder.Transform.Apply(picture, planes);
        return (planes, size);
    }

    /// <summary>An output of the graph for one picture.</summary>
    internal float[] Run(float[] planes, ImageSize size, string output)
    {
        float[] values = [];
        using var inputs = new OnnxInputs(_folder.Onnx);
        _folder.Feed(inputs, planes, 1, size);
        _folder.Onnx.Run(inputs, output, (found, _) => values = found.ToArray());
        return values;
    }

    private Task<CallResult<float[]>> RunAsync(ImageInput[] inputs, ImageOutput output, CancellationToken cancellationToken) =>
        _engine.RunAsync(new ImageSubmission(_folder, inputs, output, _decoder, _decoding), cancellationToken);

    private async Task<float[][]> ScoreAsync(ImageInput[] inputs, CancellationToken cancellationToken)
    {
        ImageOutput logits = _folder.Logits ?? throw new NotSupportedException($"{Name} is no classifier: its graph has no output 'logits'. Choose a folder that has, e.g. of timm.");
        return (await RunAsync(inputs, logits, cancellationToken).ConfigureAwait(false)).Results;
    }

    private ImageClass[] Best(float[] scores, int top)
    {
        TensorPrimitives.SoftMax(scores, scores);
        return [.. scores.Select((probability, index) => new ImageClass(index, index < Labels.Count ? Labels[index] : $"class {index}", probability))
            .OrderByDescending(found => found.Probability).Take(top)];
    }
}

/// <summary>A class of a classifier.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Name">Its name.</param>
/// <param name="Probability">0 to 1.</param>
public sealed record ImageClass(int Index, string Name, float Probability);

/// <summary>The vectors of a list of pictures.</summary>
internal sealed record ImageEncoding(IReadOnlyList<float[]> Vectors, CallStatistics Statistics) : ILocalEncoding
{
    public int? Tokens => null;
}
