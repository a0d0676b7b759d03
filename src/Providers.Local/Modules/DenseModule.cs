using System.Numerics.Tensors;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Modules;

/// <summary>A linear layer with an activation: <c>activation(W·x + b)</c>, plus the input where the folder says <c>use_residual</c>.</summary>
/// <remarks>Reference: sentence-transformers 6.2, modules/dense.py.</remarks>
internal sealed class DenseModule : SentenceModule
{
    private readonly float[] _weight;
    private readonly float[]? _bias, _residual;
    private readonly int _inputs;
    private readonly bool _usesResidual;
    private readonly Activation.Apply _activation;

    private DenseModule(string name, DenseConfig config, ModuleTensors weights, Activation.Apply activation)
        : base(name, config.OutFeatures!.Value)
    {
        _inputs = config.InFeatures!.Value;
        _weight = weights.Read("linear.weight", Dimensions, _inputs);
        _bias = config.Bias == false ? null : weights.Read("linear.bias", Dimensions);
        _usesResidual = config.UseResidual == true;
        _residual = _usesResidual && _inputs != Dimensions ? weights.Read("residual.weight", Dimensions, _inputs) : null;
        _activation = activation;
    }

    public override bool Normalizes => false;

    /// <summary>Reads a module folder.</summary>
    public static DenseModule Read(ModelFolder folder, string path, string name, int dimensions)
    {
        string file = $"{path}/config.json";
        DenseConfig config = folder.Read(file, TextModelJson.Default.DenseConfig);
        if (config.InFeatures != dimensions)
            throw new InvalidDataException($"{folder.Name}/{file}: in_features is {config.InFeatures?.ToString() ?? "missing"}, but the module before gives {dimensions} numbers. The modules do not belong together.");
        if (config.OutFeatures is not > 0)
            throw new InvalidDataException($"{folder.Name}/{file}: out_features is {config.OutFeatures?.ToString() ?? "missing"}. It must be at least 1.");
        EnsureSentence(folder, file, config.ModuleInputName, config.ModuleOutputName);

        string activation = config.ActivationFunction ?? "torch.nn.modules.activation.Tanh";
        if (!Activation.Known.TryGetValue(activation[(activation.LastIndexOf('.') + 1)..], out Activation.Apply? apply))
        {
            throw new NotSupportedException(
                $"{folder.Name}/{file}: activation_function is '{activation}'; supported: {string.Join(", ", Activation.Known.Keys)}. Choose a model with one of these.");
        }

        return new DenseModule(name, config, ModuleTensors.Open(folder, path), apply);
    }

    public override void Apply(ReadOnlySpan<float> vectors, Span<float> results)
    {
        int count = results.Length / Dimensions;
        Multiply(vectors, _weight, results);
        for (int row = 0; _bias is not null && row < count; row++)
        {
            Span<float> result = results.Slice(row * Dimensions, Dimensions);
            TensorPrimitives.Add(result, _bias, result);
        }

        _activation(results);
        if (_residual is not null)
        {
            float[] projected = new float[results.Length];
            Multiply(vectors, _residual, projected);
            TensorPrimitives.Add(results, projected, results);
        }
        else if (_usesResidual)
        {
            TensorPrimitives.Add(results, vectors, results);
        }
    }

    private void Multiply(ReadOnlySpan<float> vectors, ReadOnlySpan<float> weight, Span<float> results)
    {
        // Each row of the weight is read once for all vectors: it is larger than they are.
        int count = results.Length / Dimensions;
        for (int output = 0; output < Dimensions; output++)
        {
            ReadOnlySpan<float> row = weight.Slice(output * _inputs, _inputs);
            for (int vector = 0; vector < count; vector++)
                results[(vector * Dimensions) + output] = TensorPrimitives.Dot(vectors.Slice(vector * _inputs, _inputs), row);
        }
    }
}
