using Polymodal.Providers.Local.Models;
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
    /// Most tokens of one run of the model, padding included; 1 to 1,048,576, default 512. A longer text is a run of its own.
    /// Larger runs pad more and leave the processor's cache; much smaller ones cost a call each.
    /// </summary>
    public int TokensPerRun { get; set; } = 512;

    /// <summary>
    /// Runs each text by itself. Default false. Only files of dynamic int8 with one scale a tensor (<c>model_quantized.onnx</c> of most hubs) need it:
    /// there a text's vector depends on what else is in the run.
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

    /// <summary>What happens to a text that is longer than the model takes. Default <see cref="LongTextHandling.Cut"/>: it loses its end.</summary>
    public LongTextHandling LongText { get; set; }

    /// <summary>Threads of one run, 1 to 1,024. Default null: one a physical core.</summary>
    public int? Threads { get; set; }

    internal LocalTextEmbeddingOptions Validated()
    {
        if (TokensPerRun is < 1 or > 1_048_576)
            throw new ArgumentOutOfRangeException(nameof(TokensPerRun), TokensPerRun, "TokensPerRun must be 1 to 1,048,576.");
        if (Threads is < 1 or > 1_024)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "Threads must be 1 to 1,024, or null for one a physical core.");
        if (MaxTokens is < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxTokens), MaxTokens, "MaxTokens must be at least 1, or null for what the folder says.");
        if (Dimensions is < 1)
            throw new ArgumentOutOfRangeException(nameof(Dimensions), Dimensions, "Dimensions must be at least 1, or null for what the folder says.");
        if (ModelPath is not null && string.IsNullOrWhiteSpace(ModelPath))
            throw new ArgumentException("ModelPath is blank. Give a model folder, or null for the framework's own model.", nameof(ModelPath));
        return (LocalTextEmbeddingOptions)MemberwiseClone();
    }
}
