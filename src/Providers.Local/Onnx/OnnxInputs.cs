using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>The inputs of one run. They are fed by the names a graph declares, in the element type it declares.</summary>
/// <param name="model">The graph to feed.</param>
internal sealed class OnnxInputs(OnnxModel model) : IDisposable
{
    private readonly List<string> _names = [];
    private readonly List<OrtValue> _values = [];
    private readonly List<long[]> _shapes = [];

    /// <summary>The names, in the order added.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>The values, in the order added.</summary>
    public IReadOnlyCollection<OrtValue> Values => _values;

    /// <summary>Names and shapes, for a message.</summary>
    public string Shapes => string.Join(", ", _names.Zip(_shapes, (name, shape) => $"{name} [{string.Join(", ", shape)}]"));

    /// <summary>Adds whole numbers, unless the graph has no input of that name.</summary>
    /// <param name="name">The input.</param>
    /// <param name="values">The numbers, row-major; they must stay as they are until the run is over.</param>
    /// <param name="shape">The axes.</param>
    public void Add(string name, long[] values, params long[] shape)
    {
        if (model.Inputs.FirstOrDefault(input => input.Name == name) is not { } port)
            return;
        _values.Add(port.ElementType == nameof(TensorElementType.Int32)
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, checked(value => (int)value)), shape)
            : OrtValue.CreateTensorValueFromMemory(values, shape));
        _names.Add(name);
        _shapes.Add(shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OrtValue value in _values)
            value.Dispose();
    }
}
