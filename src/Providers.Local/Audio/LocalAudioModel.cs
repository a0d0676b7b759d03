using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Audio;

/// <summary>A sound model folder, ready to run: decode → mono, resample → what the model hears → graph → pooling. The layer below <see cref="LocalAudioEmbeddingGenerator"/>.</summary>
/// <remarks>Safe for concurrent use. <see cref="Dispose"/> ends runs under way, fails what waits, and may be called again.</remarks>
public sealed class LocalAudioModel : IDisposable, ITowerModel
{
    private readonly ModelFolder _folder;
    private readonly LocalEngine<AudioItem> _engine;
    private readonly Lazy<ContrastiveScale?>? _scale;

    private LocalAudioModel(ModelFolder folder, LocalAudioEmbeddingOptions options)
    {
        _folder = folder;
        AudioModelConfig config = folder.ReadOptional(AudioModelConfig.File, AudioJson.Default.AudioModelConfig) ?? new AudioModelConfig();
        Encoder = AudioEncoder.Read(folder, options, config);
        try
        {
            Sounds = new SoundHearing(Encoder.Extractor, options);
            bool isTower = config.ModelType == "clap" || folder.Towers is not null;
            _scale = isTower ? new(() => TowerScale.Read(folder.FullPath, "", EmbeddingModality.Audio)) : null;
            bool normalizes = options.Normalize ?? (isTower || options.Model?.Normalize == true);
            Space = SpaceOf(options, normalizes, isTower);
            if (options.Dimensions is { } dimensions && dimensions < Space.Dimensions)
                Space = Space.Cut(dimensions);
            else if (options.Dimensions > Space.Dimensions)
                throw new ArgumentOutOfRangeException(nameof(options), options.Dimensions, $"{folder.Name} gives {Space.Dimensions} dimensions; Dimensions must be 1 to {Space.Dimensions}.");
            _engine = new LocalEngine<AudioItem>(new AudioRunner(Encoder, Sounds, normalizes), Work(options), options);
        }
        catch
        {
            Encoder.Dispose();
            throw;
        }
    }

    /// <summary>The folder's name.</summary>
    public string Name => _folder.Name;

    /// <summary>The space of its vectors.</summary>
    public EmbeddingSpace Space { get; }

    /// <summary>How a model with several towers turns the cosine of a sound and a text into a probability; null where the folder does not say.</summary>
    public ContrastiveScale? Scale => _scale?.Value;

    /// <summary>The rate that the model hears at, in Hz. Sounds of another rate are resampled.</summary>
    public int SamplingRate => Sounds.SamplingRate;

    /// <summary>Length of a window of a long sound.</summary>
    public TimeSpan WindowLength => TimeSpan.FromSeconds(Sounds.WindowSeconds);

    /// <summary>How runs are planned at present.</summary>
    public RunPlan Plan => _engine.Plan;

    /// <summary>Hears once of the plan that measuring found, on a thread of the engine.</summary>
    internal Action<RunPlan>? PlanFound { set => _engine.PlanFound = value; }

    /// <summary>What runs.</summary>
    internal AudioEncoder Encoder { get; }

    /// <summary>How sounds come to it.</summary>
    internal SoundHearing Sounds { get; }

    /// <summary>Loads a model folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">Weights, pooling, windows; <see cref="LocalEmbeddingOptions.ModelPath"/> is not looked at.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static LocalAudioModel Load(string path, LocalAudioEmbeddingOptions? options = null) =>
        new(new ModelFolder(TowersManifest.Resolve(path, EmbeddingModality.Audio)), LocalEmbeddingOptions.Validated(options ?? new()));

    /// <summary>Embeds sounds on the threads of the engine, which all callers share.</summary>
    internal async Task<AudioEncoding> EncodeAsync(IReadOnlyList<SoundSource> sources, int dimensions, CancellationToken cancellationToken)
    {
        CallResult<float[]> result = await _engine.RunAsync(new AudioSubmission(Sounds, sources), cancellationToken).ConfigureAwait(false);
        float[][] vectors = result.Results;
        for (int i = 0; i < vectors.Length; i++)
        {
            if (dimensions >= vectors[i].Length)
                continue;
            vectors[i] = vectors[i][..dimensions];
            if (Space.IsNormalized)
                Pooling.L2.Normalize(vectors[i], dimensions);
        }

        return new AudioEncoding(vectors) { Statistics = result.Statistics };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        Encoder.Dispose();
    }

    private EmbeddingSpace SpaceOf(LocalAudioEmbeddingOptions options, bool normalizes, bool isTower)
    {
        string pooling = options.Pooling is { } chosen ? $"/{chosen.ToString().ToLowerInvariant()}" : "";
        string layers = options.PerLayer ? "/per-layer" : options.LayerWeights is { } weights ? FormattableString.Invariant($"/layers-{string.Join('-', weights.Select(weight => weight.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}") : "";
        string windows = $"/windows-{options.LongSound}-{Sounds.Plan.Size}-{Sounds.Plan.Step}";
        return _folder.Space(Encoder.Dimensions, SimilarityMetric.Cosine, normalizes, pooling + layers, windows, isTower ? TwoTowerFolder.RevisionFiles("") : null);
    }

    private EngineWork Work(LocalAudioEmbeddingOptions options) => new()
    {
        Name = Name,
        Fingerprint = Space.Fingerprint,
        // A window of usual length; together with it what fits beside.
        Budgets = [(int)(Sounds.WindowSeconds * AudioSubmission.CostPerSecond)],
        Alone = !options.PadTogether || Encoder.ScaleSpansBatch,
        ScaleSpansBatch = Encoder.ScaleSpansBatch,
        CostPerTrial = 12 * AudioSubmission.CostPerSecond,
        PaddingAllowed = AudioSubmission.CostPerSecond / 4,
        // A minute and a half of samples ready is a few megabytes.
        LookAhead = 90 * AudioSubmission.CostPerSecond,
        QueueItems = options.QueueSounds,
        QueueCost = long.MaxValue / 4,
    };
}
