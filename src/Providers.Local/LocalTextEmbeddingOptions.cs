using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local;

/// <summary>Options of a local text framework. Copied and checked once, when the model is loaded.</summary>
public sealed class LocalTextEmbeddingOptions
{
    /// <summary>
    /// The model folder, as a hub has it. Default null: the framework's own model, found in the folder <c>models</c> beside the program,
    /// where the package of the model puts it.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// The well-known model that the folder holds. Default null: the framework's own. It says where a model that ships is found, and the prompts and
    /// the pooling of folders that do not say them; what a folder says wins.
    /// </summary>
    public LocalModel? Model { get; set; }

    /// <summary>Which ONNX file of the folder runs. Default <see cref="ModelWeights.Float32"/>.</summary>
    public ModelWeights Weights { get; set; } = ModelWeights.Float32;

    /// <summary>
    /// Most tokens of one run of the model, padding included; 1 to 1,048,576. A longer text is a run of its own. Default null: 512, until measuring on the
    /// first texts finds better.
    /// </summary>
    public int? TokensPerRun { get; set; }

    /// <summary>Runs of the model under way at a time, 1 to 1,024. Default null: one a thread, until measuring on the first texts finds better.</summary>
    public int? RunsSideBySide { get; set; }

    /// <summary>
    /// Runs each text by itself. Default false. Files of dynamic int8 with one scale a tensor (<c>model_quantized.onnx</c> of most hubs), where a text's vector
    /// depends on what else is in the run, are recognised and run so without it, unless <see cref="TokensPerRun"/> is set.
    /// </summary>
    public bool OneTextPerRun { get; set; }

    /// <summary>
    /// How the tokens of a folder without a pooling of its own (a plain HuggingFace folder) become one vector. Default null: what is known of
    /// <see cref="Model"/>, else the last token of a causal language model and the mean of any other. A folder that says another pooling is refused.
    /// </summary>
    public PoolingMode? Pooling { get; set; }

    /// <summary>True scales vectors to unit length even where the folder does not. Default null: as the folder says, or what is known of <see cref="Model"/> where it is a plain HuggingFace folder.</summary>
    public bool? Normalize { get; set; }

    /// <summary>Where a text is cut, special tokens included; at least 1. Default null: as the folder says.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>
    /// Length of the vectors; at least 1. Default null: as the folder says. A folder that was trained for several sizes (<c>2_Dense_256</c> beside
    /// <c>2_Dense</c>) runs the module of that size; any other one's vectors are cut, and scaled to unit length again where they had it.
    /// </summary>
    public int? Dimensions { get; set; }

    /// <summary>Threads that compute, those of all runs together; 1 to 1,024. Default null: one a processor.</summary>
    public int? Threads { get; set; }

    /// <summary>Texts that may wait for the model, of all callers together; at least 1, default 16,384. A call counts for at most a quarter of it.</summary>
    public int QueueTexts { get; set; } = 16_384;

    /// <summary>Tokens, estimated, that may wait for the model; at least 1, default 4,194,304. A call counts for at most a quarter of it.</summary>
    public long QueueTokens { get; set; } = 4_194_304;

    /// <summary>
    /// What computes in place of the processor, by ONNX Runtime's name: <c>CUDA</c>, <c>DirectML</c>, <c>CoreML</c>, … The package of ONNX Runtime that has
    /// it must be referenced. Default null: the processor.
    /// </summary>
    public string? ExecutionProvider { get; set; }

    /// <summary>What <see cref="ExecutionProvider"/> may be told, e.g. <c>device_id</c>. Default empty.</summary>
    public IDictionary<string, string> ExecutionProviderOptions { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the memory of a run is kept for the next one. Default true; false gives it back to the system after each run, which is slower.</summary>
    public bool MemoryArena { get; set; } = true;

    internal OnnxModelOptions Onnx => new()
    {
        Threads = Threads,
        ExecutionProvider = ExecutionProvider,
        ExecutionProviderOptions = new Dictionary<string, string>(ExecutionProviderOptions),
        MemoryArena = MemoryArena,
    };

    internal LocalTextEmbeddingOptions Validated()
    {
        if (TokensPerRun is < 1 or > 1_048_576)
            throw new ArgumentOutOfRangeException(nameof(TokensPerRun), TokensPerRun, "TokensPerRun must be 1 to 1,048,576, or null for what measuring finds.");
        if (RunsSideBySide is < 1 or > 1_024)
            throw new ArgumentOutOfRangeException(nameof(RunsSideBySide), RunsSideBySide, "RunsSideBySide must be 1 to 1,024, or null for what measuring finds.");
        if (QueueTexts < 1)
            throw new ArgumentOutOfRangeException(nameof(QueueTexts), QueueTexts, "QueueTexts must be at least 1.");
        if (QueueTokens < 1)
            throw new ArgumentOutOfRangeException(nameof(QueueTokens), QueueTokens, "QueueTokens must be at least 1.");
        if (Threads is < 1 or > 1_024)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "Threads must be 1 to 1,024, or null for one a processor.");
        if (MaxTokens is < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxTokens), MaxTokens, "MaxTokens must be at least 1, or null for what the folder says.");
        if (Dimensions is < 1)
            throw new ArgumentOutOfRangeException(nameof(Dimensions), Dimensions, "Dimensions must be at least 1, or null for what the folder says.");
        if (ModelPath is not null && string.IsNullOrWhiteSpace(ModelPath))
            throw new ArgumentException("ModelPath is blank. Give a model folder, or null for the framework's own model.", nameof(ModelPath));
        return (LocalTextEmbeddingOptions)MemberwiseClone();
    }
}
