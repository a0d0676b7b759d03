using System.Numerics.Tensors;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Modules;

/// <summary>Moves each vector to mean 0 and variance 1, then scales and shifts it by learned numbers.</summary>
/// <remarks>Reference: torch.nn.LayerNorm, eps = 1e-5.</remarks>
internal sealed class LayerNormModule : SentenceModule
{
    private const double Epsilon = 1e-5;
    private readonly float[] _scale, _shift;

    private LayerNormModule(string name, int dimensions, ModuleTensors weights)
        : base(name, dimensions)
    {
        _scale = weights.Read("norm.weight", dimensions);
        _shift = weights.Read("norm.bias", dimensions);
    }

    public override bool Normalizes => false;

    /// <summary>Reads a module folder.</summary>
    public static LayerNormModule Read(ModelFolder folder, string path, string name, int dimensions)
    {
        string file = $"{path}/config.json";
        int? dimension = folder.Read(file, TextModelJson.Default.LayerNormConfig).Dimension;
        return dimension == dimensions
            ? new LayerNormModule(name, dimensions, ModuleTensors.Open(folder, path))
            : throw new InvalidDataException($"{folder.Name}/{file}: dimension is {dimension?.ToString() ?? "missing"}, but the module before gives {dimensions} numbers. The modules do not belong together.");
    }

    public override void Apply(ReadOnlySpan<float> vectors, Span<float> results)
    {
        for (int start = 0; start < vectors.Length; start += Dimensions)
        {
            ReadOnlySpan<float> vector = vectors.Slice(start, Dimensions);
            Span<float> result = results.Slice(start, Dimensions);
            float mean = TensorPrimitives.Sum(vector) / Dimensions;
            TensorPrimitives.Subtract(vector, mean, result);
            TensorPrimitives.Multiply(result, (float)(1 / Math.Sqrt((TensorPrimitives.SumOfSquares<float>(result) / Dimensions) + Epsilon)), result);
            TensorPrimitives.MultiplyAdd(result, _scale, _shift, result);
        }
    }
}
