using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local;

/// <summary>What all local frameworks may be told, whatever they take. Copied and checked once, when the model is loaded.</summary>
public abstract class LocalEmbeddingOptions
{
    private protected LocalEmbeddingOptions()
    {
    }

    /// <summary>
    /// The model folder, as a hub has it. Default null: the framework's own model, found in the folder <c>models</c> beside the program,
    /// where the package of the model puts it.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// The well-known model that the folder holds. Default null: the framework's own. It says where a model that ships is found, and what
    /// folders leave unsaid (of text, prompts and pooling); what a folder says wins.
    /// </summary>
    public LocalModel? Model { get; set; }

    /// <summary>Which ONNX file of the folder runs. Default <see cref="ModelWeights.Float32"/>.</summary>
    public ModelWeights Weights { get; set; } = ModelWeights.Float32;

    /// <summary>Runs of the model under way at a time, 1 to 1,024. Default null: one a thread, until measuring on the first inputs finds better.</summary>
    public int? RunsSideBySide { get; set; }

    /// <summary>True scales vectors to unit length even where the folder does not. Default null: as the folder says, or what is known of <see cref="Model"/> where the folder does not say.</summary>
    public bool? Normalize { get; set; }

    /// <summary>
    /// Length of the vectors; at least 1. Default null: as the folder says. A text folder that was trained for several sizes (<c>2_Dense_256</c> beside
    /// <c>2_Dense</c>) runs the module of that size; any other one's vectors are cut, and scaled to unit length again where they had it.
    /// </summary>
    public int? Dimensions { get; set; }

    /// <summary>Threads that compute, those of all runs together; 1 to 1,024. Default null: one a processor.</summary>
    public int? Threads { get; set; }

    /// <summary>
    /// What computes in place of the processor, by ONNX Runtime's name: <c>CUDA</c>, <c>DirectML</c>, <c>CoreML</c>, … The package of ONNX Runtime that has
    /// it must be referenced. Default null: the processor.
    /// </summary>
    public string? ExecutionProvider { get; set; }

    /// <summary>What <see cref="ExecutionProvider"/> may be told, e.g. <c>device_id</c>. Default empty.</summary>
    public IDictionary<string, string> ExecutionProviderOptions { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the memory of a run is kept for the next one. Default true; false gives it back to the system after each run, which is slower.</summary>
    public bool MemoryArena { get; set; } = true;

    /// <summary>
    /// Whether layer normalisation, GELU and the rounding of rows are computed by operators of this library within ONNX Runtime, which is faster and the same within rounding. Default true;
    /// false runs the file as it is.
    /// </summary>
    public bool OwnOperators { get; set; } = true;

    internal OnnxModelOptions Onnx => new()
    {
        Threads = Threads,
        ExecutionProvider = ExecutionProvider,
        ExecutionProviderOptions = new Dictionary<string, string>(ExecutionProviderOptions),
        MemoryArena = MemoryArena,
        OwnOperators = OwnOperators,
    };

    /// <summary>Throws when an option is out of its range.</summary>
    private protected virtual void Check()
    {
        CheckRange(nameof(RunsSideBySide), RunsSideBySide, 1, 1_024, "null for what measuring finds");
        CheckRange(nameof(Threads), Threads, 1, 1_024, "null for one a processor");
        CheckRange(nameof(Dimensions), Dimensions, 1, int.MaxValue, "null for what the folder says");
        if (ModelPath is not null && string.IsNullOrWhiteSpace(ModelPath))
            throw new ArgumentException("ModelPath is blank. Give a model folder, or null for the framework's own model.", nameof(ModelPath));
        if (ExecutionProvider is not null && string.IsNullOrWhiteSpace(ExecutionProvider))
            throw new ArgumentException("ExecutionProvider is blank. Give ONNX Runtime's name of one, e.g. CUDA, or null for the processor.", nameof(ExecutionProvider));
    }

    /// <summary>Throws when a number is out of its range; null is always in it.</summary>
    /// <param name="name">The option.</param>
    /// <param name="value">Its value.</param>
    /// <param name="least">The least allowed.</param>
    /// <param name="most">The most allowed; <see cref="int.MaxValue"/> for no limit.</param>
    /// <param name="otherwise">What may be given in place of a number, for the message; empty for nothing.</param>
    private protected static void CheckRange(string name, long? value, long least, long most, string otherwise = "")
    {
        if (value is not { } number || (number >= least && number <= most))
            return;
        string range = most >= int.MaxValue ? $"at least {least}" : FormattableString.Invariant($"{least} to {most:N0}");
        throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}{(otherwise.Length == 0 ? "" : $", or {otherwise}")}.");
    }

    /// <summary>A checked copy, which the caller cannot change any more.</summary>
    internal static TOptions Validated<TOptions>(TOptions options)
        where TOptions : LocalEmbeddingOptions
    {
        options.Check();
        var copy = (TOptions)options.MemberwiseClone();
        copy.ExecutionProviderOptions = new Dictionary<string, string>(options.ExecutionProviderOptions);
        return copy;
    }
}
