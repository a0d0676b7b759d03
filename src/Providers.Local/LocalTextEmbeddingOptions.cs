using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local;

/// <summary>Options of a local text framework. Copied and checked once, when the model is loaded.</summary>
public sealed class LocalTextEmbeddingOptions
{
    /// <summary>
    /// The model folder, as a hub has it. Default null: the framework's own model, found in the folder <c>models</c> beside the program,
    /// where the package of the model puts it.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>Which ONNX file of the folder runs. Default <see cref="ModelWeights.Float32"/>.</summary>
    public ModelWeights Weights { get; set; } = ModelWeights.Float32;

    /// <summary>
    /// Most tokens of one run of the model, padding included; 1 to 1,048,576, default 512. A longer text is a run of its own.
    /// Larger runs pad more and leave the processor's cache; much smaller ones cost a call each.
    /// </summary>
    public int TokensPerRun { get; set; } = 512;

    /// <summary>Threads of one run, 1 to 1,024. Default null: one a physical core.</summary>
    public int? Threads { get; set; }

    internal LocalTextEmbeddingOptions Validated()
    {
        if (TokensPerRun is < 1 or > 1_048_576)
            throw new ArgumentOutOfRangeException(nameof(TokensPerRun), TokensPerRun, "TokensPerRun must be 1 to 1,048,576.");
        if (Threads is < 1 or > 1_024)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "Threads must be 1 to 1,024, or null for one a physical core.");
        if (ModelPath is not null && string.IsNullOrWhiteSpace(ModelPath))
            throw new ArgumentException("ModelPath is blank. Give a model folder, or null for the framework's own model.", nameof(ModelPath));
        return (LocalTextEmbeddingOptions)MemberwiseClone();
    }
}
