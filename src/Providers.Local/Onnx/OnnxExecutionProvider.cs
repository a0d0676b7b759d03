using Microsoft.ML.OnnxRuntime;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>What computes a graph in place of the processor.</summary>
internal static class OnnxExecutionProvider
{
    // Those that have a call of their own; all others go by their name. A new one is one line.
    private static readonly Dictionary<string, Action<SessionOptions, IReadOnlyDictionary<string, string>>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["CUDA"] = (session, options) => session.AppendExecutionProvider_CUDA(Device(options)),
        ["DirectML"] = (session, options) => session.AppendExecutionProvider_DML(Device(options)),
        ["ROCm"] = (session, options) => session.AppendExecutionProvider_ROCm(Device(options)),
        ["TensorRT"] = (session, options) => session.AppendExecutionProvider_Tensorrt(Device(options)),
    };

    /// <summary>Adds an execution provider to a session's options.</summary>
    /// <param name="session">The options.</param>
    /// <param name="name">The runtime's name of it.</param>
    /// <param name="options">What it may be told.</param>
    /// <exception cref="NotSupportedException">This build of ONNX Runtime has none of that name.</exception>
    public static void Append(SessionOptions session, string name, IReadOnlyDictionary<string, string> options)
    {
        try
        {
            if (Known.TryGetValue(name, out Action<SessionOptions, IReadOnlyDictionary<string, string>>? append))
                append(session, options);
            else
                session.AppendExecutionProvider(name, new Dictionary<string, string>(options));
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or EntryPointNotFoundException or NotSupportedException)
        {
            throw new NotSupportedException(
                $"ExecutionProvider is '{name}', which ONNX Runtime refuses: {OnnxModel.FirstLine(exception.Message)} It has here: {string.Join(", ", OrtEnv.Instance().GetAvailableProviders())}. " +
                "Reference the package of ONNX Runtime that brings it, or leave it out to run on the processor.", exception);
        }
    }

    private static int Device(IReadOnlyDictionary<string, string> options) =>
        !options.TryGetValue("device_id", out string? text) ? 0
        : int.TryParse(text, out int device) && device >= 0 ? device
        : throw new ArgumentException($"ExecutionProviderOptions: device_id is '{text}'. It must be a whole number from 0.", nameof(options));
}
