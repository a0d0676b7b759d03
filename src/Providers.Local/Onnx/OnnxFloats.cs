using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Polymodal.Providers.Local.Onnx;

/// <summary>Outputs of numbers with a fraction as float32, whatever the graph gives.</summary>
internal static class OnnxFloats
{
    /// <summary>The element types that can be read, in ONNX Runtime's words.</summary>
    public static readonly IReadOnlyCollection<string> Types = [nameof(TensorElementType.Float), nameof(TensorElementType.Float16), nameof(TensorElementType.BFloat16), nameof(TensorElementType.Double)];

    /// <summary>The numbers of an output: where the runtime left them if they are float32, else a copy.</summary>
    /// <param name="value">The output.</param>
    /// <param name="type">Its element type.</param>
    /// <exception cref="NotSupportedException">It holds something else.</exception>
    public static ReadOnlySpan<float> Of(OrtValue value, TensorElementType type) => type switch
    {
        TensorElementType.Float => value.GetTensorDataAsSpan<float>(),
        TensorElementType.Float16 => Halves(value.GetTensorDataAsSpan<Float16>()),
        TensorElementType.BFloat16 => Converted(value.GetTensorDataAsSpan<BFloat16>(), half => BitConverter.UInt32BitsToSingle((uint)half.value << 16)),
        TensorElementType.Double => Converted(value.GetTensorDataAsSpan<double>(), number => (float)number),
        _ => throw new NotSupportedException($"an output holds {type}; supported: {string.Join(", ", Types)}. Choose another weight file of the folder."),
    };

    private static float[] Halves(ReadOnlySpan<Float16> values)
    {
        float[] floats = new float[values.Length];
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(values), floats);
        return floats;
    }

    private static float[] Converted<T>(ReadOnlySpan<T> values, Func<T, float> convert)
    {
        float[] floats = new float[values.Length];
        for (int i = 0; i < floats.Length; i++)
            floats[i] = convert(values[i]);
        return floats;
    }
}
