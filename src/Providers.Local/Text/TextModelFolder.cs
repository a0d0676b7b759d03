using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.StaticVectors;

namespace Polymodal.Providers.Local.Text;

/// <summary>A text model folder, read once: its chain of modules, its prompts and its metric.</summary>
/// <remarks>Owns the encoder. Safe for concurrent use.</remarks>
internal sealed class TextModelFolder : IDisposable
{
    private TextModelFolder(ModelFolder folder, TextChain chain, SentenceTransformersConfig sentence)
    {
        Folder = folder;
        Chain = chain;
        Prompts = sentence.Prompts?.ToDictionary(prompt => prompt.Key, prompt => prompt.Value ?? "", StringComparer.Ordinal) ?? [];
        DefaultPromptName = sentence.DefaultPromptName;
        if (DefaultPromptName is not null && !Prompts.ContainsKey(DefaultPromptName))
            throw Field("config_sentence_transformers.json", $"default_prompt_name is '{DefaultPromptName}', which prompts does not have (it has {Listed(Prompts.Keys)}).");
        Dimensions = sentence.TruncateDim is { } cut ? Math.Min(cut, chain.Dimensions) : chain.Dimensions;
        Metric = SimilarityOf(sentence.SimilarityFnName);
    }

    public ModelFolder Folder { get; }

    /// <summary>The encoder and the steps after it.</summary>
    public TextChain Chain { get; }

    public IReadOnlyDictionary<string, string> Prompts { get; }

    public string? DefaultPromptName { get; }

    /// <summary>Length of the vectors, after the folder's own truncate_dim.</summary>
    public int Dimensions { get; }

    public SimilarityMetric Metric { get; }

    /// <summary>Reads a folder and loads its weights.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Which weights run, and how.</param>
    public static TextModelFolder Load(ModelFolder folder, LocalTextEmbeddingOptions options)
    {
        FolderModule[] modules = Modules(folder);
        SentenceTransformersConfig sentence = folder.ReadOptional("config_sentence_transformers.json", TextModelJson.Default.SentenceTransformersConfig) ?? new(null, null, null, null);
        if (modules is [] || !TextEncoder.Known.TryGetValue(modules[0].Type, out TextEncoderReader? read))
            throw new NotSupportedException($"{folder.Name}/modules.json: the first module is {(modules is [] ? "missing" : $"'{modules[0].Type}'")}; supported: {string.Join(", ", TextEncoder.Known.Keys)}. Choose a model that begins with one of these.");
        TextEncoder encoder = read(folder, options, modules, out int taken);
        try
        {
            return new TextModelFolder(folder, new TextChain(encoder, Steps(folder, modules.AsSpan(taken), encoder.Dimensions)), sentence);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <summary>Reads a folder as model2vec does: its own settings count, modules.json and prompts do not.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">Settings to take in the place of the folder's own; null for none.</param>
    public static TextModelFolder LoadModel2Vec(ModelFolder folder, Model2VecSettings? settings)
    {
        Model2VecLayout layout = Model2VecLayout.Of(folder);
        Model2VecConfig config = layout.ReadConfig(folder);
        TextEncoder encoder = StaticEncoder.ReadModel2Vec(folder, layout, settings?.MaxTokens ?? config.MaxLength ?? int.MaxValue);
        SentenceModule[] steps = settings?.Normalize ?? config.Normalize ? [new NormalizeModule("1_Normalize", encoder.Dimensions)] : [];
        return new TextModelFolder(folder, new TextChain(encoder, steps), new SentenceTransformersConfig(null, null, null, null));
    }

    /// <inheritdoc/>
    public void Dispose() => Chain.Encoder.Dispose();

    private static FolderModule[] Modules(ModelFolder folder) =>
    [
        .. folder.Read("modules.json", TextModelJson.Default.ModuleEntryArray).Select((entry, index) =>
        {
            string type = LastName(entry.Type ?? throw new InvalidDataException($"{folder.Name}/modules.json: [{index}].type is missing. Name the module's class."));
            return new FolderModule($"{index}_{type}", type, entry.Path ?? "");
        }),
    ];

    private static SentenceModule[] Steps(ModelFolder folder, ReadOnlySpan<FolderModule> modules, int dimensions)
    {
        var steps = new SentenceModule[modules.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            FolderModule module = modules[i];
            if (!SentenceModule.Known.TryGetValue(module.Type, out SentenceModuleReader? read))
                throw new NotSupportedException($"{folder.Name}/modules.json: module '{module.Name}' is of type '{module.Type}'; supported after the encoder: {string.Join(", ", SentenceModule.Known.Keys)}. Choose a model made of these.");
            steps[i] = read(folder, module.Path, module.Name, dimensions);
            dimensions = steps[i].Dimensions;
        }

        return steps;
    }

    // sentence_transformers.models.Pooling and sentence_transformers.sentence_transformer.modules.pooling.Pooling are one.
    private static string LastName(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";

    private InvalidDataException Field(string file, string message) => new($"{Folder.Name}/{file}: {message}");

    private SimilarityMetric SimilarityOf(string? name) => name switch
    {
        null or "cosine" => SimilarityMetric.Cosine,
        "dot" or "dot_product" => SimilarityMetric.DotProduct,
        "euclidean" => SimilarityMetric.Euclidean,
        _ => throw new NotSupportedException($"{Folder.Name}/config_sentence_transformers.json: similarity_fn_name is '{name}'; supported: cosine, dot, euclidean."),
    };
}
