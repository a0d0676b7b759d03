using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>A transformer as ONNX graph, and the pooling of its token embeddings, unless the graph pools them itself.</summary>
internal sealed class TransformerEncoder : TextEncoder
{
    private readonly TransformerFolder _folder;
    private readonly OnnxModel _onnx;
    private readonly TransformerInputs _inputs;
    private readonly TransformerOutput _output;
    private readonly PoolingModule? _pooling;
    private readonly string _name;

    private TransformerEncoder(TransformerFolder folder, OnnxModel onnx, TransformerOutput output, PoolingModule? pooling, FolderModule last, bool isTower)
    {
        _folder = folder;
        _onnx = onnx;
        _inputs = new TransformerInputs(onnx, folder.Config);
        _output = output;
        _pooling = output.HasTokens ? pooling : null;
        _name = last.Name;
        Normalizes = _pooling is null && last.Type == "Normalize";
        FixedLength = isTower && !onnx.Inputs.Any(input => input.Name == "attention_mask") ? folder.MaxTokens : null;
        Dimensions = _pooling?.Dimensions ?? output.Width ?? pooling?.Dimensions ?? folder.Config.Hidden ?? throw new InvalidDataException(
            $"{folder.Name}/config.json: hidden_size is missing, and output '{output.Name}' of {onnx.File} does not say its length. Add it.");
    }

    public override Tokenizer Tokenizer => _folder.Tokenizer;

    public override int MaxTokens => _folder.MaxTokens;

    public override int PadId => _folder.PadId;

    public override bool PadsLeft => _folder.PadsLeft;

    public override int? FixedLength { get; }

    public override int Dimensions { get; }

    public override bool Normalizes { get; }

    public override bool PoolsByMean => _pooling is { Modes: [PoolingMode.Mean] };

    public override bool ScaleSpansBatch => _onnx.ScaleSpansBatch;

    /// <summary>Reads a transformer and the pooling that follows it.</summary>
    public static TextEncoder Read(ModelFolder folder, LocalTextEmbeddingOptions options, ReadOnlySpan<FolderModule> modules, out int taken)
    {
        FolderModule transformer = modules[0];
        FolderModule? pooling = modules is [_, { Type: "Pooling" } next, ..] ? next : null;
        var files = new TransformerFolder(folder, transformer, options.MaxTokens);
        OnnxModel onnx = folder.LoadGraph(options.Weights.FindIn(folder, transformer.Path, transformer.IsTower ? [TwoTowerFolder.TextStem, "model"] : []), options.Onnx);
        try
        {
            TransformerOutput output = TransformerOutput.Choose(onnx, prefersTokens: pooling is { IsAssumed: false }, transformer.IsTower);
            if (output.HasTokens && pooling is null)
            {
                string found = modules.Length == 1 ? "nothing" : $"'{modules[1].Type}'";
                throw new NotSupportedException($"{folder.Name}/modules.json: {found} follows '{transformer.Name}', whose output '{output.Name}' has a vector a token; supported: Pooling. Choose a model that pools its tokens.");
            }

            // A graph that gives only finished vectors has all modules in it.
            taken = pooling is null ? 1 : output.HasTokens ? 2 : modules.Length;
            PoolingModule? module = pooling is null ? null
                : pooling.Pooling is { } chosen ? new PoolingModule(pooling.Name, [chosen], Hidden(files, onnx, output), includePrompt: true)
                : PoolingModule.Read(folder, pooling.Path, pooling.Name);
            return new TransformerEncoder(files, onnx, output, module, modules[taken - 1], transformer.IsTower);
        }
        catch
        {
            onnx.Dispose();
            throw;
        }
    }

    public override TokenizedTexts Tokenize(IReadOnlyList<string> texts, string prompt, CancellationToken cancellationToken) =>
        _folder.Rewrite is { } rewrite
            ? new(texts, prompt, (text, buffer) => Tokenizer.Encode(rewrite(text), buffer, MaxTokens), cancellationToken)
            : base.Tokenize(texts, prompt, cancellationToken);

    public override int PromptTokens(string prompt) =>
        _folder.MasksInstruction ? Tokenizer.Encode(prompt, new EncodeOptions { AddSpecialTokens = false }).InputIds.Count : base.PromptTokens(prompt);

    public override float[] Encode(TextBatch batch, int promptTokens, TextSteps? steps)
    {
        float[] vectors = new float[batch.Count * Dimensions];
        if (batch.SequenceLength > 0)
        {
            long[] poolMask = _folder.MasksInstruction ? TransformerInputs.PoolMask(batch, promptTokens) : batch.AttentionMask;
            if (steps is not null)
                steps.PoolMask = poolMask;
            using OnnxInputs inputs = _inputs.Of(batch, poolMask);
            _onnx.Run(inputs, _output.Name, (values, axes) => Read(values, axes, batch, promptTokens, vectors, steps), batch.Limits);
            foreach (string other in steps is null ? [] : _output.Others(_onnx))
                _onnx.Run(inputs, other, (values, _) => steps!.Outputs[other] = values.ToArray());
            if (steps is not null && _pooling is null && TransformerOutput.Tokens(_onnx) is { } tokens)
                _onnx.Run(inputs, tokens, (values, _) => steps.TokenEmbeddings = values.ToArray());
        }

        steps?.Add(_name, vectors);
        return vectors;
    }

    public override void Dispose() => _onnx.Dispose();

    private void Read(ReadOnlySpan<float> values, ReadOnlySpan<long> axes, TextBatch batch, int promptTokens, float[] vectors, TextSteps? steps)
    {
        long[] expected = _pooling is null ? [batch.Count, Dimensions] : [batch.Count, batch.SequenceLength, _pooling.HiddenSize];
        if (!axes.SequenceEqual(expected))
        {
            throw new InvalidDataException(
                $"{_folder.Name}: output '{_output.Name}' has shape [{string.Join(", ", axes.ToArray())}], but by the batch and the folder it must be [{string.Join(", ", expected)}]" +
                $"{(_pooling is null ? "" : $": {_pooling.Name} says {_pooling.HiddenSize} dimensions")}. The ONNX file and the folder's configuration do not belong together.");
        }

        if (_pooling is null)
        {
            values.CopyTo(vectors);
            return;
        }

        if (steps is not null)
            steps.TokenEmbeddings = values.ToArray();
        _pooling.Apply(values, batch.AttentionMask, promptTokens, vectors);
    }

    private static int Hidden(TransformerFolder files, OnnxModel onnx, TransformerOutput output) =>
        output.Width ?? files.Config.Hidden ?? throw new InvalidDataException($"{files.Name}/config.json: hidden_size is missing, and output '{output.Name}' of {onnx.File} does not say its length. Add it.");
}
