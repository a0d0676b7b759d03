using Microsoft.ML.OnnxRuntime;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>The outputs of one run, where the runtime left them.</summary>
/// <remarks>Not safe for use after <see cref="Dispose"/>.</remarks>
internal sealed class OnnxResults : IDisposable
{
    private readonly string[] _names;
    private readonly IDisposableReadOnlyCollection<OrtValue> _values;

    /// <summary>Takes charge of the outputs.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="values">As many values, in the same order.</param>
    public OnnxResults(IEnumerable<string> names, IDisposableReadOnlyCollection<OrtValue> values)
    {
        _names = [.. names];
        _values = values;
    }

    /// <summary>The numbers of an output; one of <see cref="OnnxFloats.Types"/>.</summary>
    /// <param name="name">The output.</param>
    /// <param name="shape">Its axes.</param>
    /// <returns>Row-major; gone when the results are disposed.</returns>
    public ReadOnlySpan<float> Floats(string name, out long[] shape)
    {
        OrtTensorTypeAndShapeInfo info = Value(name).GetTensorTypeAndShape();
        shape = info.Shape;
        return OnnxFloats.Of(Value(name), info.ElementDataType);
    }

    /// <summary>The axes of an output.</summary>
    public long[] Shape(string name) => Value(name).GetTensorTypeAndShape().Shape;

    /// <summary>An output as the runtime has it.</summary>
    public OrtValue Value(string name) => _values[Array.IndexOf(_names, name)];

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
