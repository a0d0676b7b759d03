using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>The inputs of one run. They are fed by the names a graph declares, in the element type it declares.</summary>
/// <param name="model">The graph to feed.</param>
internal sealed class OnnxInputs(OnnxModel model) : IDisposable
{
    // Whole numbers as each element type that graphs use for them. A new type is a line here.
    private static readonly Dictionary<string, Func<long[], long[], OrtValue>> Converters = new(StringComparer.Ordinal)
    {
        [nameof(TensorElementType.Int64)] = OrtValue.CreateTensorValueFromMemory,
        [nameof(TensorElementType.Int32)] = (values, shape) => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, checked(value => (int)value)), shape),
        [nameof(TensorElementType.Bool)] = (values, shape) => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => value != 0), shape),
        [nameof(TensorElementType.Float)] = (values, shape) => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (float)value), shape),
    };

    // Floating-point numbers, likewise.
    private static readonly Dictionary<string, Func<Memory<float>, long[], OrtValue>> FloatConverters = new(StringComparer.Ordinal)
    {
        [nameof(TensorElementType.Float)] = (values, shape) => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, shape),
        [nameof(TensorElementType.Float16)] = (values, shape) =>
        {
            var halves = new Float16[values.Length];
            TensorPrimitives.ConvertToHalf(values.Span, MemoryMarshal.Cast<Float16, Half>(halves.AsSpan()));
            return OrtValue.CreateTensorValueFromMemory(halves, shape);
        },
    };

    private readonly List<string> _names = [];
    private readonly List<OrtValue> _values = [];
    private readonly List<long[]> _shapes = [];
    private readonly HashSet<int> _kept = [];

    /// <summary>The element types that whole numbers can be given as, in ONNX Runtime's words.</summary>
    public static IReadOnlyCollection<string> IntegerTypes => Converters.Keys;

    /// <summary>The element types that floating-point numbers can be given as, in ONNX Runtime's words.</summary>
    public static IReadOnlyCollection<string> FloatTypes => FloatConverters.Keys;

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
        if (model.Inputs.FirstOrDefault(input => input.Name == name) is { } port)
            Add(port, Converters[port.ElementType](values, shape), shape);
    }

    /// <summary>Adds floating-point numbers, unless the graph has no input of that name.</summary>
    /// <param name="name">The input; its element type is one of <see cref="FloatTypes"/>.</param>
    /// <param name="values">The numbers, row-major; they are not copied where the graph takes float32, and must stay as they are until the run is over.</param>
    /// <param name="shape">The axes.</param>
    public void Add(string name, Memory<float> values, params long[] shape)
    {
        if (model.Inputs.FirstOrDefault(input => input.Name == name) is { } port)
            Add(port, FloatConverters[port.ElementType](values, shape), shape);
    }

    /// <summary>Adds an output of another run as it is, unless the graph has no input of that name.</summary>
    /// <param name="name">The input.</param>
    /// <param name="results">The outputs of the other run, which keep it; they must live until this run is over.</param>
    /// <param name="output">Which of them.</param>
    public void Add(string name, OnnxResults results, string output)
    {
        if (model.Inputs.FirstOrDefault(input => input.Name == name) is not { } port)
            return;
        _kept.Add(_values.Count);
        Add(port, results.Value(output), results.Shape(output));
    }

    /// <summary>Adds a tensor without elements: one axis has length 0.</summary>
    /// <param name="port">The input.</param>
    /// <param name="shape">The axes.</param>
    public void AddEmpty(OnnxPort port, params long[] shape) =>
        Add(port, OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Enum.Parse<TensorElementType>(port.ElementType), shape), shape);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _values.Count; i++)
        {
            if (!_kept.Contains(i))
                _values[i].Dispose();
        }
    }

    private void Add(OnnxPort port, OrtValue value, long[] shape)
    {
        _values.Add(value);
        _names.Add(port.Name);
        _shapes.Add(shape);
    }
}
