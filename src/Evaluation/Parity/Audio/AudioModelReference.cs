using System.Text.Json;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>A sound model folder with every step recorded: what it hears, hidden states, poolings, padded batches, windows, similarity.</summary>
internal sealed class AudioModelReference
{
    private const string Pooled = "pooled_", Normalized = "_normalized";
    private readonly Reference _reference;
    private readonly AudioRecord _record;
    private readonly LocalAudioModel _model;
    private readonly Lazy<WhisperGeneration> _generation;
    private readonly Lazy<TowerTexts> _texts;

    /// <param name="reference">The record.</param>
    /// <param name="own">Takes charge of the loaded model.</param>
    public AudioModelReference(Reference reference, Action<IDisposable> own)
    {
        _reference = reference;
        _record = new AudioRecord(reference);
        _model = LocalAudioModel.Load(reference.Folder);
        own(_model);
        _generation = new(() => new WhisperGeneration(_record, own));
        _texts = new(() =>
        {
            LocalTextModel texts = LocalTextModel.Load(reference.Folder);
            own(texts);
            return new TowerTexts(reference, texts);
        });
    }

    private FeatureExtractor Extractor => _model.Encoder.Extractor;

    public static bool Reads(Reference reference)
    {
        string file = Path.Combine(reference.Folder, PreprocessorConfig.File);
        if (reference.Tensors is null || !File.Exists(file) || !reference.Json.TryGetProperty("cases", out JsonElement cases) || !cases.EnumerateArray().Any(json => json.TryGetProperty("sound", out _)))
            return false;
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        return AudioRecord.Text(json.RootElement, "feature_extractor_type") is { } type && FeatureExtractor.Known.ContainsKey(type);
    }

    public IReadOnlyList<ParityCase> Cases() => [.. _reference.Json.GetProperty("cases").EnumerateArray().Select(Case), .. Generated()];

    private ParityCase Case(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        string kind = id.Split('/', '-')[0];
        return kind switch
        {
            "alone" or "encoder" or "silence" or "one" or "audio" when !id.StartsWith("audio-batch", StringComparison.Ordinal) && !id.StartsWith("encoder/batch", StringComparison.Ordinal) => new ParityCase(id, null, () => Alone(json)),
            "batch" or "audio" or "encoder" => new ParityCase(id, null, () => Batch(json)),
            "windows" => new ParityCase(id, null, () => Windows(json)),
            "generate" => new ParityCase(id, null, () => _generation.Value.Compare(json, _record.Sounds(json, Extractor.SamplingRate)[0])),
            "text" => new ParityCase(id, null, () => _texts.Value.Compare(id, json)),
            "similarity" => new ParityCase(id, null, () => new SoundTowers(_record, Embeds, _texts.Value, _model.Scale?.Scale).Compare(json)),
            _ => ParityCase.Unsupported(id, $"cases of the kind '{kind}' are not built"),
        };
    }

    private List<ParityRow> Alone(JsonElement json)
    {
        float[] sound = json.TryGetProperty("samples", out JsonElement zeros) && !json.TryGetProperty("sound", out _) ? new float[zeros.GetInt32()] : _record.Sounds(json, Extractor.SamplingRate)[0];
        AudioBatch batch = Hear(json, sound);
        return [.. AudioRecord.Tensors(json).Select(tensor => Compare(json, tensor, Value(json, tensor, batch, row: 0)))];
    }

    // The vector of a sound, heard as the case of its own says.
    private float[] Embeds(string path)
    {
        JsonElement json = _reference.Json.GetProperty("cases").EnumerateArray().First(json => AudioRecord.Text(json, "sound") == path);
        return _model.Encoder.Encode(Hear(json, _record.Sounds(json, Extractor.SamplingRate)[0]), default);
    }

    private AudioBatch Hear(JsonElement json, float[] sound)
    {
        sound = _model.Sounds.Padded(sound);
        if (Extractor is not ClapMel clap || AudioRecord.Option(json, "numpy_seed") is not { } seed || sound.Length <= clap.MostSamples)
            return Extractor.Extract(sound);
        var random = new NumpyRandom(seed.GetUInt32());
        AudioBatch middle = clap.Extract(sound);
        return middle.Shape[1] == 1
            ? clap.Extract(sound, [random.Below(sound.Length - clap.MostSamples!.Value + 1)], null)
            : clap.Extract(sound, [.. clap.Parts(clap.Mel(sound).Length / (int)middle.Shape[3]).Select(part => part.First + random.Below(part.Count))], null);
    }

    private List<ParityRow> Batch(JsonElement json)
    {
        if (json.TryGetProperty("onnxruntime_difference", out JsonElement difference) && difference.ValueKind == JsonValueKind.String)
            return [.. AudioRecord.Tensors(json).Select(tensor => AudioRecord.Shown(json, tensor, "the graph does not run on it, as recorded"))];
        float[][] sounds = _record.Sounds(json, Extractor.SamplingRate);
        AudioBatch batch = Extractor.Extract(sounds);
        if (json.TryGetProperty("is_longer", out JsonElement isLonger))
            batch = batch with { IsLonger = [.. isLonger.EnumerateArray().Select(flag => flag.GetInt64())] };
        return [.. AudioRecord.Tensors(json).Select(tensor =>
        {
            // "2/pooled_mean" is of the third sound; "embeds" without a number are of all.
            int slash = tensor.IndexOf('/', StringComparison.Ordinal);
            return slash > 0 ? Compare(json, tensor, Value(json, tensor[(slash + 1)..], batch, int.Parse(tensor.AsSpan(0, slash), System.Globalization.CultureInfo.InvariantCulture)))
                : Compare(json, tensor, AllRows(json, tensor, batch));
        })];
    }

    private object? AllRows(JsonElement json, string tensor, AudioBatch batch) => tensor switch
    {
        "input_values" or "input_features" or "last_hidden_state" => Value(json, tensor, batch, row: 0),
        "attention_mask" => batch.Mask,
        "attention_mask_sum" => batch.Lengths?.Select(length => (long)length).ToArray(),
        "frame_mask" => FrameMask(batch),
        "embeddings_without_mask_onnx" => Enumerable.Range(0, batch.Rows).SelectMany(row => (float[])Value(json, "embeddings", batch, row)!).ToArray(),
        _ => Enumerable.Range(0, batch.Rows).Select(row => Value(json, tensor, batch, row) as float[]).ToArray() is var rows && rows.Contains(null) ? null : rows.SelectMany(row => row!).ToArray(),
    };

    private long[] FrameMask(AudioBatch batch)
    {
        int frames = (int)_model.Encoder.Raw(batch, "last_hidden_state").Shape[1];
        return [.. Enumerable.Range(0, batch.Rows).SelectMany(row => Enumerable.Range(0, frames).Select(frame => frame < _model.Encoder.Frames(batch, row, frames) ? 1L : 0L))];
    }

    // A recorded value of one row, or null when it is none of ours.
    private object? Value(JsonElement json, string tensor, AudioBatch batch, int row)
    {
        if (tensor is "input_values" or "input_features")
            return batch.Values;
        if (tensor == "attention_mask")
            return batch.Mask;
        if (tensor == "is_longer")
            return batch.IsLonger ?? [0];
        if (_model.Encoder.Outputs.Contains(tensor))
        {
            (float[] values, long[] shape) = _model.Encoder.Raw(batch, tensor);
            if (shape.Length == 2)
                return values.AsSpan(row * (int)shape[1], (int)shape[1]).ToArray();
            return tensor.StartsWith("hidden_states.", StringComparison.Ordinal) && shape[1] >= 30
                ? Enumerable.Range(0, (int)(shape[1] + 9) / 10).SelectMany(frame => values.AsSpan(frame * 10 * (int)shape[2], (int)shape[2]).ToArray()).ToArray()
                : values;
        }

        if (tensor.EndsWith(Normalized, StringComparison.Ordinal) && Value(json, tensor[..^Normalized.Length], batch, row) is float[] plain)
        {
            L2.Normalize(plain, plain.Length);
            return plain;
        }

        if (tensor == "weighted_layers_mean")
            return WithOptions(new LocalAudioEmbeddingOptions { LayerWeights = [.. Enumerable.Range(0, _model.Encoder.Outputs.Count(name => name.StartsWith("hidden_states.", StringComparison.Ordinal))).Select(layer => layer * 0.5f)] }, batch);
        if (tensor == "embeddings_with_mask_of_ones")
            return Value(json, "embeddings", batch, row);
        return _model.Encoder.Outputs.Contains("last_hidden_state") ? OfFrames(json, tensor.StartsWith(Pooled, StringComparison.Ordinal) ? tensor[Pooled.Length..] : tensor, batch, row) : null;
    }

    private float[]? OfFrames(JsonElement json, string what, AudioBatch batch, int row)
    {
        (float[] values, long[] shape) = _model.Encoder.Raw(batch, "last_hidden_state");
        int frames = (int)shape[1], hidden = (int)shape[2];
        float[] all = values.AsSpan(row * frames * hidden, frames * hidden).ToArray();
        float[] heard = all[..(_model.Encoder.Frames(batch, row, frames) * hidden)];
        // A whole model's answer is pooled as a user gets it; the other names are of the same frames.
        return what switch
        {
            "mean" or "mean_of_real_frames" => Pool(AudioPooling.Mean, heard, hidden),
            "max" => Pool(AudioPooling.Max, heard, hidden),
            "first" => Pool(AudioPooling.First, all, hidden),
            "last" => Pool(AudioPooling.Last, json.GetProperty("id").GetString()!.StartsWith("encoder/", StringComparison.Ordinal) ? all : heard, hidden),
            "mean_std" => Pool(AudioPooling.MeanAndDeviation, heard, hidden),
            "mean_all_frames" or "mean_of_all_1500" => Pool(AudioPooling.Mean, all, hidden),
            "max_of_all_1500" => Pool(AudioPooling.Max, all, hidden),
            "mean_of_patches" => Pool(AudioPooling.Mean, all[(2 * hidden)..], hidden),
            "first_tokens" => all[..(5 * hidden)],
            "first_20_frames" => all[..(20 * hidden)],
            "first_token" => all[..hidden],
            _ => null,
        };
    }

    private static float[] Pool(AudioPooling pooling, float[] frames, int hidden)
    {
        float[] pooled = new float[hidden * FramePooling.Parts(pooling)];
        FramePooling.By(pooling, frames, pooled);
        return pooled;
    }

    private float[] WithOptions(LocalAudioEmbeddingOptions options, AudioBatch batch)
    {
        using LocalAudioModel model = LocalAudioModel.Load(_reference.Folder, options);
        return model.Encoder.Encode(batch, default);
    }

    private ParityRow Compare(JsonElement json, string tensor, object? ours) => ours switch
    {
        float[] values => _record.Compare(json, tensor, values, WidthOf(json, tensor, values)),
        long[] numbers => _record.Compare(json, tensor, numbers),
        _ => AudioRecord.Shown(json, tensor, "not a step here: of another framework's own arithmetic"),
    };

    private int WidthOf(JsonElement json, string tensor, float[] values)
    {
        int width = _reference.Tensors!.Shape($"{json.GetProperty("id").GetString()}/{tensor}") is [.., var last] ? last : 0;
        return width > 1 && values.Length % width == 0 ? width : 0;
    }

    private ParityRow[] Windows(JsonElement json)
    {
        float[] sound = _record.Sounds(json, Extractor.SamplingRate)[0];
        int[] lengths = [.. json.GetProperty("windows").EnumerateArray().Select(length => length.GetInt32())];
        var windows = new List<AudioBatch>();
        for (int start = 0, i = 0; i < lengths.Length; start += lengths[i++])
            windows.Add(Extractor.Extract(sound.AsSpan(start, lengths[i])));
        float[][] real = [.. windows.Select(window => OfFrames(json, "mean", window, 0)!)], all = [.. windows.Select(window => OfFrames(json, "mean_all_frames", window, 0)!)];
        float[] Mean(float[][] rows, Func<int, double> weight) =>
            [.. Enumerable.Range(0, rows[0].Length).Select(i => (float)(Enumerable.Range(0, rows.Length).Sum(row => rows[row][i] * weight(row)) / Enumerable.Range(0, rows.Length).Sum(weight)))];
        return [.. AudioRecord.Tensors(json).Select(tensor => Compare(json, tensor, tensor switch
        {
            "window_means_of_real" => real.SelectMany(row => row).ToArray(),
            "window_means" or "window_means_of_all" => all.SelectMany(row => row).ToArray(),
            "mean" => Mean(all, _ => 1),
            "mean_weighted_by_samples" or "mean_of_real_weighted_by_samples" => Mean(real, row => lengths[row]),
            _ => null,
        })), .. AsEmbedded(json, sound, lengths)];
    }

    // What a user gets who embeds the whole sound: the mean of its windows by their samples.
    private ParityRow[] AsEmbedded(JsonElement json, float[] sound, int[] lengths)
    {
        string id = json.GetProperty("id").GetString()!;
        string? tensor = AudioRecord.Tensors(json).FirstOrDefault(name => name.EndsWith("weighted_by_samples", StringComparison.Ordinal));
        if (tensor is null || lengths[0] != _model.Sounds.Plan.Size)
            return [];
        SoundSource source = SoundSource.Of(new Polymodal.Providers.Local.Audio.Decoding.AudioSamples(sound, Extractor.SamplingRate));
        float[] vector = _model.EncodeAsync([source], _model.Space.Dimensions, CancellationToken.None).GetAwaiter().GetResult().Vectors[0];
        return [_record.Compare(json, tensor, vector, vector.Length) with { Case = id, Tensor = $"{tensor}, embedded" }];
    }

    // The model step alone, on numbers that can be made anywhere.
    private IEnumerable<ParityCase> Generated()
    {
        string file = Path.Combine(_reference.Folder, "generated.json");
        if (!File.Exists(file))
            yield break;
        Reference generated = Reference.Read(file);
        foreach (JsonElement json in generated.Json.GetProperty("cases").EnumerateArray())
        {
            string id = json.GetProperty("id").GetString()!;
            yield return Path.GetFileName(json.GetProperty("file").GetString()) == Path.GetFileName(AudioEncoder.FindWeights(new ModelFolder(_reference.Folder), ModelWeights.Float32))
                ? new ParityCase($"generated/{id}", null, () => Generated(generated, json))
                : ParityCase.Unsupported($"generated/{id}", $"{json.GetProperty("file").GetString()} is not the file of sounds");
        }
    }

    private ParityRow[] Generated(Reference generated, JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        long[] shape = [.. json.GetProperty("shape").EnumerateArray().Select(axis => axis.GetInt64())];
        ulong seed = json.GetProperty("seed").GetUInt64();
        float[] values = new float[shape.Aggregate(1L, (product, axis) => product * axis)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(2 * SplitMix64.Bell(SplitMix64.At(seed, (ulong)i)));
        var batch = new AudioBatch(values, shape) { IsLonger = [.. Enumerable.Repeat(1L, (int)shape[0])] };
        return [.. json.GetProperty("outputs").EnumerateObject().Select(output =>
        {
            float[] ours = _model.Encoder.Raw(batch, output.Name).Values;
            int step = output.Value.GetProperty("step").GetInt32();
            return Comparison.Floats($"generated/{id}", output.Name, [.. Enumerable.Range(0, (ours.Length + step - 1) / step).Select(i => ours[i * step])],
                generated.Tensors!.Floats($"{id}/{output.Name}"), generated.Rules.For($"{id}/{output.Name}"));
        })];
    }
}
