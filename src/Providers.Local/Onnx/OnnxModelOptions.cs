namespace Polymodal.Providers.Local.Onnx;

/// <summary>How sessions of an ONNX file are made.</summary>
internal sealed record OnnxModelOptions
{
    /// <summary>Threads of the session that is made when the file is loaded; null is the runtime's choice, one a physical core.</summary>
    public int? Threads { get; init; }

    /// <summary>The runtime's name of what computes, e.g. <c>CUDA</c>; null is the processor.</summary>
    public string? ExecutionProvider { get; init; }

    /// <summary>What the execution provider may be told, e.g. <c>device_id</c>.</summary>
    public IReadOnlyDictionary<string, string> ExecutionProviderOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the memory of a run is kept for the next one.</summary>
    public bool MemoryArena { get; init; } = true;

    /// <summary>Whether what transformers do row by row is computed by <see cref="Kernels.OnnxKernels"/>, where the file is run by the processor.</summary>
    public bool OwnOperators { get; init; } = true;
}

/// <summary>What a run may use.</summary>
/// <param name="Threads">Threads that compute it; null for those of the session made first.</param>
/// <param name="CancellationToken">Ends it at the next graph node.</param>
internal readonly record struct RunLimits(int? Threads = null, CancellationToken CancellationToken = default)
{
    /// <summary>Whether every input has one row: then the session may know it, and compute what hangs on its shape once, when it is made.</summary>
    public bool IsOneRow { get; init; }

    /// <summary>
    /// Whether the model's inputs have a limited number of shapes. Then a run beside others gets its memory in one piece, by a pattern that the runtime keeps for each shape.
    /// Without it runs side by side take piece by piece what another one has just given back, from the other processor's cache: measured with MiniLM on two processors,
    /// in about every second process half as slow again with int8 weights, a fifth with float32.
    /// </summary>
    public bool ShapesRepeat { get; init; }
}
