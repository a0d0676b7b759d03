using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using Polymodal.Providers.Local.Onnx.Kernels;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>The sessions of one ONNX file. ONNX Runtime's threads belong to a session, so runs side by side on one thread each need another one than a run on all.</summary>
/// <remarks>
/// A session holds the weights, so a large file has one session only, for all runs, whose threads then do not spin: measured with MiniLM on two processors,
/// two runs side by side on it reach 0.7 (int8) to 1.0 (float32) of the rate of a session of one thread, with spinning 0.5 to 0.7. So does a file that an execution provider runs.
/// Safe for concurrent use, but not for use after <see cref="Dispose"/>.
/// </remarks>
internal sealed class OnnxSessions : IDisposable
{
    /// <summary>Largest file, in bytes, whose weights are worth holding twice.</summary>
    public const long LargestTwice = 400_000_000;

    private readonly string _file;
    private readonly OnnxModelOptions _options;
    private readonly bool _only;
    private readonly string? _batchAxis;
    private readonly ConcurrentDictionary<SessionKind, Lazy<InferenceSession>> _others = new();

    /// <summary>Makes the first session.</summary>
    /// <param name="file">The ONNX file.</param>
    /// <param name="options">How.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot read it.</exception>
    /// <exception cref="NotSupportedException">This build of ONNX Runtime has no such execution provider.</exception>
    public OnnxSessions(string file, OnnxModelOptions options)
    {
        _file = file;
        _options = options;
        _only = options.ExecutionProvider is not null || SizeOf(file) > LargestTwice;
        First = Make(new(options.Threads, IsOneRow: false, ShapesRepeat: false));
        _batchAxis = BatchAxis(First);
    }

    /// <summary>The session made when the file was loaded.</summary>
    public InferenceSession First { get; }

    /// <summary>How many sessions there are.</summary>
    public int Count => 1 + _others.Count;

    /// <summary>The session for runs on some threads, made when first asked for.</summary>
    /// <param name="limits">Threads, null for those of <see cref="First"/>; and what is known of a run beside others: a session that knows of one row computes shapes when it is made, and joins nodes that it else could not.</param>
    public InferenceSession For(RunLimits limits)
    {
        if (_only || limits.Threads is not { } threads || threads >= (_options.Threads ?? Environment.ProcessorCount))
            return First;
        return _others.GetOrAdd(new(threads, limits.IsOneRow && _batchAxis is not null, limits.ShapesRepeat), static (kind, sessions) => new(() => sessions.Make(kind)), this).Value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        First.Dispose();
        foreach (Lazy<InferenceSession> session in _others.Values)
        {
            if (session.IsValueCreated)
                session.Value.Dispose();
        }
    }

    private InferenceSession Make(SessionKind kind)
    {
        OnnxEnvironment.BeQuiet();
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, EnableMemoryPattern = kind.ShapesRepeat, EnableCpuMemArena = _options.MemoryArena };
        if (kind.Threads is { } count)
            options.IntraOpNumThreads = count;
        if (kind.IsOneRow)
            options.AddFreeDimensionOverrideByName(_batchAxis!, 1);
        if (_only)
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (_options.ExecutionProvider is { } provider)
            OnnxExecutionProvider.Append(options, provider, _options.ExecutionProviderOptions);
        try
        {
            return MakeFused(options) ?? new InferenceSession(_file, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InvalidDataException(
                $"{_file} ({new FileInfo(_file).Length:N0} bytes) is not a model that ONNX Runtime can load: {OnnxModel.FirstLine(exception.Message)} Fetch the file again; it may have been cut.", exception);
        }
    }

    // A graph that the own operators do not fit, against expectation, is run as it is in the file.
    private InferenceSession? MakeFused(SessionOptions options)
    {
        if (!_options.OwnOperators || _options.ExecutionProvider is not null || !OnnxApi.IsAvailable || Fused() is not { } fused)
            return null;
        OnnxKernels.AddTo(options);
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetDirectoryName(Path.GetFullPath(_file))!);
        try
        {
            return new InferenceSession(fused, options);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }

    // Of a file that is no ONNX file, and of nodes that lack what their operators need, the runtime itself says so.
    private byte[]? Fused()
    {
        try
        {
            return OnnxFusion.Apply(_file);
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    // The name of the axis that all inputs begin with; null where there is none, or where another axis has it too.
    private static string? BatchAxis(InferenceSession session)
    {
        string[][] axes = [.. session.InputMetadata.Values.Select(input => input.SymbolicDimensions)];
        string name = axes is [[var first, ..], ..] ? first : "";
        return name.Length > 0 && axes.All(input => input.Length > 0 && input[0] == name && !input.Skip(1).Contains(name)) ? name : null;
    }

    // Large files keep their tensors beside them, under names that begin with theirs.
    private static long SizeOf(string file)
    {
        var info = new FileInfo(file);
        return info.Directory!.EnumerateFiles($"{info.Name}*").Sum(part => part.Length);
    }

    private readonly record struct SessionKind(int? Threads, bool IsOneRow, bool ShapesRepeat);
}
