using System.Numerics.Tensors;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Audio;

/// <summary>A sound model as ONNX graph, with what it hears and how its frames become a vector.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class AudioEncoder : IDisposable
{
    private static readonly string[] ValueInputs = ["input_values", "input_features"];
    private static readonly string[] Stems = ["model", "audio_model", "encoder_model"];
    private readonly OnnxModel _onnx;
    private readonly AudioOutput _output;
    private readonly AudioPooling _pooling;
    private readonly float[]? _layerWeights;
    private readonly bool _perLayer;
    private readonly string _name;

    private AudioEncoder(ModelFolder folder, AudioModelConfig config, OnnxModel onnx, LocalAudioEmbeddingOptions options)
    {
        _onnx = onnx;
        _name = folder.Name;
        Extractor = FeatureExtractor.Read(folder, config, options.Model?.Preprocessor);
        string[] unknown = [.. onnx.Inputs.Select(input => input.Name).Except([.. ValueInputs, "attention_mask", "is_longer"])];
        if (unknown.Length > 0)
            throw new NotSupportedException($"{_name}: the graph wants {string.Join(", ", unknown)}; known inputs of sound models: {string.Join(", ", ValueInputs)}, attention_mask, is_longer. Choose a graph with these alone.");
        _output = AudioOutput.Choose(folder, onnx, options);
        _pooling = options.Pooling ?? AudioPooling.Mean;
        _perLayer = options.PerLayer;
        _layerWeights = options.LayerWeights is { } weights ? SoftMax([.. weights]) : null;
        int width = _output.Width ?? (_output.HasFrames ? config.Hidden : config.ProjectionDim ?? config.XvectorOutputDim ?? config.Hidden) ?? throw new InvalidDataException(
            $"{_name}/config.json: hidden_size is missing, and output '{_output.Names[0]}' does not say its length. Add it.");
        Width = width;
        Dimensions = _output.HasFrames ? width * FramePooling.Parts(_pooling) * (_perLayer ? _output.Names.Count : 1) : width;
    }

    /// <summary>What the model hears.</summary>
    public FeatureExtractor Extractor { get; }

    /// <summary>Length of a sound's vector.</summary>
    public int Dimensions { get; }

    /// <summary>Length of a frame's vector, or of a finished one.</summary>
    public int Width { get; }

    /// <summary>Whether the vector of a row depends on the other rows of a run.</summary>
    public bool ScaleSpansBatch => _onnx.ScaleSpansBatch;

    /// <summary>Names of the graph's outputs.</summary>
    public IEnumerable<string> Outputs => _onnx.Outputs.Select(output => output.Name);

    /// <summary>Reads a folder and loads its graph.</summary>
    public static AudioEncoder Read(ModelFolder folder, LocalAudioEmbeddingOptions options, AudioModelConfig config)
    {
        OnnxModel onnx = folder.LoadGraph(FindWeights(folder, options.Weights), options.Onnx);
        try
        {
            return new AudioEncoder(folder, config, onnx, options);
        }
        catch
        {
            onnx.Dispose();
            throw;
        }
    }

    /// <summary>The file that runs.</summary>
    public static string FindWeights(ModelFolder folder, ModelWeights weights) => weights.FindIn(folder, "", Stems);

    /// <summary>Computes one vector a row.</summary>
    /// <param name="batch">The input.</param>
    /// <param name="limits">What the run may use.</param>
    /// <returns>[row, <see cref="Dimensions"/>].</returns>
    /// <exception cref="InvalidDataException">The graph failed, or gave a number that is not finite.</exception>
    public float[] Encode(AudioBatch batch, RunLimits limits)
    {
        float[] vectors = new float[batch.Rows * Dimensions];
        using OnnxInputs inputs = Inputs(batch);
        using OnnxResults results = _onnx.Run(inputs, _output.Names, limits);
        if (!_output.HasFrames)
            Floats(results, _output.Names[0], [batch.Rows, Width]).CopyTo(vectors);
        else if (_layerWeights is { } weights)
            Pool(batch, WeightedSum(results, batch.Rows, weights), vectors, layer: 0, layers: 1);
        else
            EachLayer(batch, results, vectors);
        return float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(vectors)) ? vectors
            : throw new InvalidDataException($"{_name} gave numbers that are not finite for an input of {string.Join(" × ", batch.Shape)}. Choose another weight file of the folder.");
    }

    /// <summary>An output as the graph gives it.</summary>
    public (float[] Values, long[] Shape) Raw(AudioBatch batch, string output)
    {
        (float[] Values, long[] Shape) raw = ([], []);
        using OnnxInputs inputs = Inputs(batch);
        _onnx.Run(inputs, output, (values, axes) => raw = (values.ToArray(), axes.ToArray()));
        return raw;
    }

    /// <summary>Frames of an output that count, of a row.</summary>
    public int Frames(AudioBatch batch, int row, int frames) =>
        batch.Lengths is { } lengths && Extractor.OutputFrames(lengths[row]) is { } sound ? Math.Clamp(sound, 1, frames) : frames;

    /// <inheritdoc/>
    public void Dispose() => _onnx.Dispose();

    private OnnxInputs Inputs(AudioBatch batch)
    {
        var inputs = new OnnxInputs(_onnx);
        foreach (string name in ValueInputs)
            inputs.Add(name, batch.Values.AsMemory(), batch.Shape);
        long entries = batch.Shape[1];
        // A graph that takes a mask from a folder without one hears sounds without padding.
        long[] mask = batch.Mask ?? [];
        if (batch.Mask is null && _onnx.Inputs.Any(input => input.Name == "attention_mask"))
        {
            mask = new long[batch.Rows * entries];
            mask.AsSpan().Fill(1);
        }

        inputs.Add("attention_mask", mask, batch.Rows, entries);
        if (batch.IsLonger is { } isLonger)
            inputs.Add("is_longer", isLonger, batch.Rows, 1);
        return inputs;
    }

    private ReadOnlySpan<float> Floats(OnnxResults results, string output, long[] expected)
    {
        ReadOnlySpan<float> values = results.Floats(output, out long[] shape);
        if (shape.Length == expected.Length && shape.Zip(expected).All(axis => axis.Second < 0 || axis.First == axis.Second))
            return values;
        throw new InvalidDataException(
            $"{_name}: output '{output}' has shape [{string.Join(", ", shape)}]; by the sounds and the folder it must be [{string.Join(", ", expected)}] (-1: any). The ONNX file and the folder's configuration do not belong together.");
    }

    private void EachLayer(AudioBatch batch, OnnxResults results, float[] vectors)
    {
        for (int layer = 0; layer < _output.Names.Count; layer++)
            Pool(batch, Floats(results, _output.Names[layer], [batch.Rows, -1, Width]), vectors, layer, _output.Names.Count);
    }

    private float[] WeightedSum(OnnxResults results, int rows, float[] weights)
    {
        float[] sum = [];
        for (int layer = 0; layer < weights.Length; layer++)
        {
            ReadOnlySpan<float> values = Floats(results, _output.Names[layer], [rows, -1, Width]);
            if (layer == 0)
                sum = new float[values.Length];
            TensorPrimitives.MultiplyAdd(values, weights[layer], sum, sum);
        }

        return sum;
    }

    private void Pool(AudioBatch batch, ReadOnlySpan<float> values, float[] vectors, int layer, int layers)
    {
        int frames = values.Length / Width / batch.Rows, part = Dimensions / layers;
        if (frames == 0)
            throw new InvalidDataException($"{_name} gave no frames for an input of {string.Join(" × ", batch.Shape)}. The ONNX file and the folder's configuration do not belong together.");
        for (int row = 0; row < batch.Rows; row++)
            FramePooling.By(_pooling, values.Slice(row * frames * Width, Frames(batch, row, frames) * Width), vectors.AsSpan((row * Dimensions) + (layer * part), part));
    }

    private static float[] SoftMax(float[] weights)
    {
        TensorPrimitives.SoftMax(weights, weights);
        return weights;
    }
}
