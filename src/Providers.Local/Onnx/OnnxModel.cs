using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>An ONNX file, ready to run. The only type, with <see cref="OnnxInputs"/> and <see cref="OnnxResults"/>, that runs ONNX Runtime.</summary>
/// <remarks>
/// Safe for concurrent use. The native library dies when a session is disposed during a run, or run after it was disposed;
/// so runs are counted, <see cref="Dispose"/> waits for those under way, and a later run throws <see cref="ObjectDisposedException"/>.
/// </remarks>
internal sealed class OnnxModel : IDisposable
{
    private readonly OnnxSessions _sessions;
    private readonly string _file;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _idle = new(initialState: true);
    private int _running;
    private bool _disposed;

    private OnnxModel(OnnxSessions sessions, string file)
    {
        _sessions = sessions;
        _file = file;
        Inputs = [.. sessions.First.InputMetadata.Select(input => new OnnxPort(input.Key, input.Value.ElementDataType.ToString(), input.Value.Dimensions))];
        Outputs = [.. sessions.First.OutputMetadata.Select(output => new OnnxPort(output.Key, output.Value.ElementDataType.ToString(), output.Value.Dimensions))];
        ScaleSpansBatch = OnnxBatchScale.Spans(file);
    }

    /// <summary>Path of the file.</summary>
    public string File => _file;

    /// <summary>What the graph wants, in the order it declares.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; }

    /// <summary>What the graph gives, in the order it declares.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <summary>Whether a row of a batch depends on the other rows, see <see cref="OnnxBatchScale"/>.</summary>
    public bool ScaleSpansBatch { get; }

    /// <summary>Reads a file and prepares the session.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">How it is run; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot read it.</exception>
    /// <exception cref="NotSupportedException">This build of ONNX Runtime has no such execution provider.</exception>
    public static OnnxModel Load(string path, OnnxModelOptions? options = null)
    {
        if (!System.IO.File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist. Give the path of an ONNX file.", path);
        var sessions = new OnnxSessions(path, options ?? new());
        try
        {
            return new OnnxModel(sessions, path);
        }
        catch
        {
            sessions.Dispose();
            throw;
        }
    }

    /// <summary>Runs the graph once, on the calling thread and the session's own.</summary>
    /// <param name="inputs">A value for each input that the graph declares.</param>
    /// <param name="output">Name of the output wanted; one of <see cref="OnnxFloats.Types"/>.</param>
    /// <param name="read">Reads the output, which is gone afterwards.</param>
    /// <param name="limits">What the run may use.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="InvalidDataException">The graph failed on these inputs.</exception>
    /// <exception cref="OperationCanceledException">The run was ended.</exception>
    public void Run(OnnxInputs inputs, string output, OnnxOutputReader read, RunLimits limits = default)
    {
        using OnnxResults results = Run(inputs, [output], limits);
        read(results.Floats(output, out long[] shape), shape);
    }

    /// <summary>Runs the graph once, on the calling thread and the session's own, for several outputs.</summary>
    /// <param name="inputs">A value for each input that the graph declares.</param>
    /// <param name="outputs">Names of the outputs wanted.</param>
    /// <param name="limits">What the run may use.</param>
    /// <returns>The outputs, to be disposed; they can be inputs of another run.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="InvalidDataException">The graph failed on these inputs.</exception>
    /// <exception cref="OperationCanceledException">The run was ended.</exception>
    public OnnxResults Run(OnnxInputs inputs, IReadOnlyCollection<string> outputs, RunLimits limits = default)
    {
        Enter();
        try
        {
            using var options = new RunOptions();
            // Disposed before the options are, and waits for a callback under way.
            using CancellationTokenRegistration registration = limits.CancellationToken.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, options);
            return new OnnxResults(outputs, Run(options, inputs, outputs, limits));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Waits for runs under way, then frees the sessions. May be called again.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        _idle.Wait();
        _sessions.Dispose();
        _idle.Dispose();
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(RunOptions options, OnnxInputs inputs, IReadOnlyCollection<string> outputs, RunLimits limits)
    {
        try
        {
            return _sessions.For(limits).Run(options, inputs.Names, inputs.Values, outputs);
        }
        catch (OnnxRuntimeException exception)
        {
            limits.CancellationToken.ThrowIfCancellationRequested();
            throw new InvalidDataException($"{_file} failed on an input of shape {inputs.Shapes}: {FirstLine(exception.Message)} Check that the folder's tokenizer and configuration belong to this file.", exception);
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_running++ == 0)
                _idle.Reset();
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_running == 0)
                _idle.Set();
        }
    }

    internal static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd('.', ' ', '\r') + ".";
}

/// <summary>An input or output that a graph declares.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">What it holds, in ONNX Runtime's word, e.g. <c>Int64</c>.</param>
/// <param name="Shape">Its axes; −1 is one that varies.</param>
internal sealed record OnnxPort(string Name, string ElementType, IReadOnlyList<int> Shape);

/// <summary>Reads the output of a run.</summary>
/// <param name="values">The output, row-major; owned by the runtime and gone after the call.</param>
/// <param name="shape">Its axes.</param>
internal delegate void OnnxOutputReader(ReadOnlySpan<float> values, ReadOnlySpan<long> shape);
