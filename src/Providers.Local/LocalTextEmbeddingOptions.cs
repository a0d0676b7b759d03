using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local;

/// <summary>Options of a local text framework. Copied and checked once, when the model is loaded.</summary>
public sealed class LocalTextEmbeddingOptions : LocalEmbeddingOptions
{
    /// <summary>
    /// Most tokens of one run of the model, padding included; 1 to 1,048,576. A longer text is a run of its own. Default null: 512, until measuring on the
    /// first texts finds better.
    /// </summary>
    public int? TokensPerRun { get; set; }

    /// <summary>
    /// Runs each text by itself. Default false. Files of dynamic int8 with one scale a tensor (<c>model_quantized.onnx</c> of most hubs), where a text's vector
    /// depends on what else is in the run, are recognised and run so without it, unless <see cref="TokensPerRun"/> is set.
    /// </summary>
    public bool OneTextPerRun { get; set; }

    /// <summary>
    /// How the tokens of a folder without a pooling of its own (a plain HuggingFace folder) become one vector. Default null: what is known of
    /// <see cref="LocalEmbeddingOptions.Model"/>, else the last token of a causal language model and the mean of any other. A folder that says another pooling is refused.
    /// </summary>
    public PoolingMode? Pooling { get; set; }

    /// <summary>Where a text is cut, special tokens included; at least 1. Default null: as the folder says.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>What happens to a text that is longer than the model takes. Default <see cref="LongTextHandling.Cut"/>: it loses its end.</summary>
    public LongTextHandling LongText { get; set; }

    /// <summary>Texts that may wait for the model, of all callers together; at least 1, default 16,384. A call counts for at most a quarter of it.</summary>
    public int QueueTexts { get; set; } = 16_384;

    /// <summary>Tokens, estimated, that may wait for the model; at least 1, default 4,194,304. A call counts for at most a quarter of it.</summary>
    public long QueueTokens { get; set; } = 4_194_304;

    private protected override void Check()
    {
        base.Check();
        CheckRange(nameof(TokensPerRun), TokensPerRun, 1, 1_048_576, "null for what measuring finds");
        CheckRange(nameof(MaxTokens), MaxTokens, 1, int.MaxValue, "null for what the folder says");
        CheckRange(nameof(QueueTexts), QueueTexts, 1, int.MaxValue);
        CheckRange(nameof(QueueTokens), QueueTokens, 1, long.MaxValue);
    }
}
