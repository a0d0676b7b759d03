using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.StaticVectors;

namespace Polymodal.Providers.Local.Text;

/// <summary>A text model folder, read once: its ways from text to vector, its prompts and its space.</summary>
/// <remarks>Owns the encoders. Safe for concurrent use.</remarks>
internal sealed class TextModelFolder : IDisposable
{
    private const string SentenceFile = "config_sentence_transformers.json";
    private readonly ModelFolder _folder;
    private readonly LocalModel? _model;
    private readonly List<LoadedEncoder> _encoders = [];
    private readonly Dictionary<string, TextChain> _chains = new(StringComparer.Ordinal);
    private readonly TextRouter _router;

    private TextModelFolder(ModelFolder folder, LocalTextEmbeddingOptions options)
    {
        _folder = folder;
        _model = options.Model;
        SentenceTransformersConfig sentence = folder.ReadOptional(SentenceFile, TextModelJson.Default.SentenceTransformersConfig) ?? new(null, null, null, null);
        FolderModule[] modules = TextModules.Of(folder, options, out bool isPlain);
        _router = TextRouter.Of(folder, modules);
        try
        {
            bool normalizes = options.Normalize ?? (folder.Towers is not null || (isPlain && (options.Model?.Normalize == true || modules is [{ IsTower: true }])));
            foreach ((string route, FolderModule[] path) in _router.Routes)
                _chains[route] = Chain(path, options, normalizes);
            Prompts = PromptsOf(sentence);
            DefaultPromptName = sentence.DefaultPromptName;
            if (DefaultPromptName is not null && !Prompts.ContainsKey(DefaultPromptName))
                throw Field($"default_prompt_name is '{DefaultPromptName}', which prompts does not have (it has {Listed(Prompts.Keys)}).");
            int dimensions = DimensionsOfChains();
            Dimensions = Cut(options.Dimensions ?? sentence.TruncateDim, dimensions, isChosen: options.Dimensions is not null);
            NormalizesCut = options.Dimensions is not null && Dimensions < dimensions && _chains.Values.All(chain => chain.Normalizes);
            Space = SpaceOf(SimilarityOf(sentence.SimilarityFnName), dimensions, modules, options);
            Scale = modules is [{ IsTower: true }, ..] || folder.Towers is not null ? new(() => TowerScale.Read(folder.FullPath, modules[0].Path, EmbeddingModality.Text)) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private TextModelFolder(ModelFolder folder, TextEncoder encoder, SentenceModule[] steps, int? maxTokens)
    {
        _folder = folder;
        _router = TextRouter.Of(folder, []);
        _encoders.Add(new LoadedEncoder(encoder, []));
        _chains[""] = new TextChain(encoder, steps);
        Prompts = new Dictionary<string, string>();
        Dimensions = encoder.Dimensions;
        Space = SpaceOf(SimilarityMetric.Cosine, Dimensions, [], new LocalTextEmbeddingOptions { MaxTokens = maxTokens });
    }

    public string Name => _folder.Name;

    /// <summary>The prompts by name: the folder's, and those that are known of the model where it has none of that name.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; }

    public string? DefaultPromptName { get; }

    /// <summary>Length of the vectors, after a cut that the folder or the options ask for.</summary>
    public int Dimensions { get; }

    /// <summary>Whether vectors that the options cut are scaled to unit length again.</summary>
    public bool NormalizesCut { get; }

    public EmbeddingSpace Space { get; }

    /// <summary>Of a model with several towers: how it judges cosines; read when it is first asked for.</summary>
    public Lazy<ContrastiveScale?>? Scale { get; }

    /// <summary>Whether the vector of a text depends on what else is in the run, on any route.</summary>
    public bool ScaleSpansBatch => _chains.Values.Any(chain => chain.Encoder.ScaleSpansBatch);

    /// <summary>The way of a text whose purpose is not known; of a model that wants it said, one of its ways.</summary>
    public TextChain DefaultChain => _chains[_router.Default ?? _chains.Keys.First()];

    /// <summary>Reads a folder and loads its weights.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Which weights run, how, and what is known of the model.</param>
    public static TextModelFolder Load(ModelFolder folder, LocalTextEmbeddingOptions options) => new(folder, options);

    /// <summary>Reads a folder as model2vec does: its own settings count, modules.json and prompts do not.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">Settings to take in the place of the folder's own; null for none.</param>
    public static TextModelFolder LoadModel2Vec(ModelFolder folder, Model2VecSettings? settings)
    {
        Model2VecLayout layout = Model2VecLayout.Of(folder);
        Model2VecConfig config = layout.ReadConfig(folder);
        TextEncoder encoder = StaticEncoder.ReadModel2Vec(folder, layout, settings?.MaxTokens ?? config.MaxLength ?? int.MaxValue);
        SentenceModule[] steps = settings?.Normalize ?? config.Normalize ? [new NormalizeModule("1_Normalize", encoder.Dimensions)] : [];
        return new TextModelFolder(folder, encoder, steps, settings?.MaxTokens);
    }

    /// <summary>The way for an intent.</summary>
    /// <exception cref="ArgumentException">The model has none for it.</exception>
    public TextChain ChainFor(EmbeddingIntent? intent) => _chains[_router.For(intent)];

    /// <summary>The name of the prompt for an intent, whether there is such a prompt or not.</summary>
    public string PromptNameFor(EmbeddingIntent intent) =>
        _model?.PromptNames.TryGetValue(intent, out string? name) == true ? name : intent.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LoadedEncoder loaded in _encoders)
            loaded.Encoder.Dispose();
    }

    private TextChain Chain(FolderModule[] modules, LocalTextEmbeddingOptions options, bool normalizes)
    {
        LoadedEncoder encoder = Encoder(modules, options);
        var steps = new List<SentenceModule>();
        int dimensions = encoder.Encoder.Dimensions;
        bool isUnit = encoder.Encoder.Normalizes;
        foreach (FolderModule module in modules[encoder.Modules.Length..])
        {
            steps.Add(Step(module, dimensions, isUnit));
            dimensions = steps[^1].Dimensions;
            isUnit = steps[^1].Normalizes;
        }

        if (normalizes && !isUnit)
            steps.Add(new NormalizeModule($"{modules.Length}_Normalize", dimensions));
        return new TextChain(encoder.Encoder, steps);
    }

    // Ways that begin with the same modules share their encoder.
    private LoadedEncoder Encoder(FolderModule[] modules, LocalTextEmbeddingOptions options)
    {
        if (_encoders.Find(loaded => modules.AsSpan().StartsWith(loaded.Modules)) is { } shared)
            return shared;
        if (modules is [] || !TextEncoder.Known.TryGetValue(modules[0].Type, out TextEncoderReader? read))
        {
            throw new NotSupportedException(
                $"{Name}/modules.json: the first module is {(modules is [] ? "missing" : $"'{modules[0].Type}'")}; supported: {string.Join(", ", TextEncoder.Known.Keys)}. Choose a model that begins with one of these.");
        }

        TextEncoder encoder = read(_folder, options, modules, out int taken);
        var loaded = new LoadedEncoder(encoder, modules[..taken]);
        _encoders.Add(loaded);
        return loaded;
    }

    private SentenceModule Step(FolderModule module, int dimensions, bool isUnit) =>
        module.Type is "Router" or "Asym" ? new IdentityModule(module.Name, dimensions, isUnit)
        : SentenceModule.Known.TryGetValue(module.Type, out SentenceModuleReader? read) ? read(_folder, module.Path, module.Name, dimensions)
        : throw new NotSupportedException($"{Name}/modules.json: module '{module.Name}' is of type '{module.Type}'; supported after the encoder: {string.Join(", ", SentenceModule.Known.Keys)}. Choose a model made of these.");

    private Dictionary<string, string> PromptsOf(SentenceTransformersConfig sentence)
    {
        Dictionary<string, string> prompts = sentence.Prompts?.ToDictionary(prompt => prompt.Key, prompt => prompt.Value ?? "", StringComparer.Ordinal) ?? [];
        foreach ((string name, string prompt) in _model?.Prompts ?? new Dictionary<string, string>())
            prompts.TryAdd(name, prompt);
        return prompts;
    }

    private int DimensionsOfChains()
    {
        int[] lengths = [.. _chains.Values.Select(chain => chain.Dimensions).Distinct()];
        return lengths is [var one] ? one : throw new InvalidDataException(
            $"{Name}/modules.json: the routes give vectors of different lengths ({string.Join(", ", _chains.Select(chain => $"{chain.Key} {chain.Value.Dimensions}"))}), which cannot be compared. Choose a model whose routes meet in one space.");
    }

    private int Cut(int? wanted, int dimensions, bool isChosen) => wanted switch
    {
        null => dimensions,
        { } cut and > 0 when cut <= dimensions || !isChosen => Math.Min(cut, dimensions),
        { } cut when isChosen => throw new ArgumentOutOfRangeException(nameof(wanted), cut, $"{Name} gives {dimensions} dimensions; Dimensions must be 1 to {dimensions}, or a size that the folder has a Dense module for."),
        { } cut => throw Field($"truncate_dim is {cut}. It must be at least 1."),
    };

    private EmbeddingSpace SpaceOf(SimilarityMetric metric, int dimensions, FolderModule[] modules, LocalTextEmbeddingOptions options)
    {
        bool isUnit = NormalizesCut || (_chains.Values.All(chain => chain.Normalizes) && dimensions == Dimensions);
        // What no file says is part of the identities by itself.
        string pooling = string.Concat(modules.Where(module => module.Pooling is not null).Select(module => $"/{module.Pooling.ToString()!.ToLowerInvariant()}"));
        string length = options.MaxTokens is { } maxTokens ? $"/max-{maxTokens}" : "";
        string known = _model is { Prompts.Count: > 0 } or { PromptNames.Count: > 0 } ? $"/{_model.Id}" : "";
        string cut = options.Dimensions is null ? "" : $"/cut-{Dimensions}";
        // Both towers of a model share one space.
        IEnumerable<string>? revision = modules is [{ IsTower: true } tower, ..] ? TwoTowerFolder.RevisionFiles(tower.Path) : null;
        return _folder.Space(Dimensions, metric, isUnit, pooling, length + known + cut, revision);
    }

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";

    private InvalidDataException Field(string message) => new($"{Name}/{SentenceFile}: {message}");

    private SimilarityMetric SimilarityOf(string? name) => name switch
    {
        null or "cosine" => SimilarityMetric.Cosine,
        "dot" or "dot_product" => SimilarityMetric.DotProduct,
        "euclidean" => SimilarityMetric.Euclidean,
        "manhattan" => SimilarityMetric.Manhattan,
        _ => throw new NotSupportedException($"{Name}/{SentenceFile}: similarity_fn_name is '{name}'; supported: cosine, dot, euclidean, manhattan."),
    };

    private sealed record LoadedEncoder(TextEncoder Encoder, FolderModule[] Modules);
}
