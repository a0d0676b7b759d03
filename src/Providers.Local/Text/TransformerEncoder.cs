using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>A transformer as ONNX graph, and the pooling of its token embeddings.</summary>
internal sealed class TransformerEncoder : TextEncoder
{
    private readonly TransformerFolder _folder;
    private readonly PoolingModule _pooling;
    private readonly OnnxModel _onnx;
    private readonly string _output;

    private TransformerEncoder(TransformerFolder folder, PoolingModule pooling, OnnxModel onnx)
    {
        _folder = folder;
        _pooling = pooling;
        _onnx = onnx;
        onnx.EnsureIntegerInputs("input_ids", "attention_mask", "token_type_ids");
        _output = onnx.FloatOutput("last_hidden_state", "token_embeddings");
    }

    public override Tokenizer Tokenizer => _folder.Tokenizer;

    public override int MaxTokens => _folder.MaxTokens;

    public override int PadId => _folder.PadId;

    public override bool PadsLeft => _folder.PadsLeft;

    public override int Dimensions => _pooling.Dimensions;

    public override bool ScaleSpansBatch => _onnx.ScaleSpansBatch;

    /// <summary>Reads a transformer and the pooling that follows it.</summary>
    public static TextEncoder Read(ModelFolder folder, LocalTextEmbeddingOptions options, ReadOnlySpan<FolderModule> modules, out int taken)
    {
        if (modules is not [_, { Type: "Pooling" } pooling, ..])
        {
            string found = modules.Length == 1 ? "nothing" : $"'{modules[1].Type}'";
            throw new NotSupportedException($"{folder.Name}/modules.json: {found} follows '{modules[0].Name}'; supported: Pooling. Choose a model that pools its tokens.");
        }

        taken = 2;
        var transformer = new TransformerFolder(folder, modules[0]);
        PoolingModule module = PoolingModule.Read(folder, pooling.Path, pooling.Name);
        var onnx = OnnxModel.Load(folder.UseWeights(options.Weights.FindIn(folder)), options.Onnx);
        try
        {
            return new TransformerEncoder(transformer, module, onnx);
        }
        catch
        {
            onnx.Dispose();
            throw;
        }
    }

    public override float[] Encode(TextBatch batch, int promptTokens, TextSteps? steps)
    {
        float[] vectors = new float[batch.Count * _pooling.Dimensions];
        using (var inputs = new OnnxInputs(_onnx))
        {
            long[] shape = [batch.Count, batch.SequenceLength];
            inputs.Add("input_ids", batch.InputIds, shape);
            inputs.Add("attention_mask", batch.AttentionMask, shape);
            inputs.Add("token_type_ids", batch.TokenTypeIds, shape);
            _onnx.Run(inputs, _output, (values, axes) =>
            {
                if (axes is not [var count, var sequence, var hidden] || count != batch.Count || sequence != batch.SequenceLength || hidden != _pooling.Dimensions)
                {
                    throw new InvalidDataException(
                        $"{_folder.Name}: output '{_output}' has shape [{string.Join(", ", axes.ToArray())}], but the batch is [{batch.Count}, {batch.SequenceLength}] and {_pooling.Name} says " +
                        $"{_pooling.Dimensions} dimensions. The ONNX file and the folder's configuration do not belong together.");
                }

                if (steps is not null)
                    steps.TokenEmbeddings = values.ToArray();
                _pooling.Apply(values, batch.AttentionMask, promptTokens, vectors);
            }, batch.Limits);
        }

        steps?.Add(_pooling.Name, vectors);
        return vectors;
    }

    public override void Dispose() => _onnx.Dispose();
}
