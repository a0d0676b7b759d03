using System.Text.Json;
using System.Text.RegularExpressions;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>References of what models hear: feature extractors, each with its <c>preprocessor_config.json</c> in a folder beside the record.</summary>
/// <param name="reference">The record.</param>
internal sealed partial class AudioExtractorReference(Reference reference)
{
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.Ordinal) { ["input_features_numpy"] = "input_features" };
    // The rows whose end a record shows.
    private static readonly int[] ShownRows = [0, 2, 3];
    private readonly AudioRecord _record = new(reference);
    private readonly (JsonElement Config, FeatureExtractor Extractor)[] _extractors = [.. Configurations(reference).Select(folder => (ConfigOf(folder), FeatureExtractor.Read(new ModelFolder(folder), new AudioModelConfig(), known: null)))];

    public static bool Reads(Reference reference) => reference.Tensors is not null && Configurations(reference).Any();

    public IReadOnlyList<ParityCase> Cases() => [.. reference.Json.GetProperty("cases").EnumerateArray().Select(json => new ParityCase(json.GetProperty("id").GetString()!, null, () => Compare(json)))];

    private static IEnumerable<string> Configurations(Reference reference) =>
        Directory.EnumerateDirectories(reference.Folder, "preprocessor*").Where(folder => File.Exists(Path.Combine(folder, PreprocessorConfig.File))).OrderBy(InOrderOfNumbers, StringComparer.Ordinal);

    // preprocessor-80 before preprocessor-128.
    private static string InOrderOfNumbers(string folder) => Digits().Replace(Path.GetFileName(folder), number => number.Value.PadLeft(9, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    private static JsonElement ConfigOf(string folder) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, PreprocessorConfig.File))).RootElement;

    // Of several configurations the one that says most of what the case's options say, else the first.
    private FeatureExtractor For(JsonElement json)
    {
        JsonElement[] options = json.TryGetProperty("options", out JsonElement given) ? [given] : [];
        return _extractors.MaxBy(candidate => options.SelectMany(option => option.EnumerateObject()).Count(option =>
            candidate.Config.TryGetProperty(option.Name, out JsonElement value) && JsonElement.DeepEquals(value, option.Value))).Extractor;
    }

    private ParityRow[] Compare(JsonElement json)
    {
        FeatureExtractor extractor = For(json);
        float[][] sounds = _record.Sounds(json, extractor.SamplingRate);
        Func<string, object?> compute = extractor switch
        {
            _ when AudioRecord.Option(json, "padding_side")?.GetString() == "left" => _ => null,
            WhisperLogMel whisper => tensor => Whisper(whisper, json, sounds, tensor),
            ClapMel clap => tensor => Clap(clap, json, sounds[0], tensor),
            AstFbank ast => tensor => Ast(ast, json, sounds[0], tensor),
            SeamlessFbank seamless => tensor => Seamless(seamless, sounds, tensor),
            RawWaveform raw => tensor => Raw(raw, json, sounds, tensor),
            _ => _ => null,
        };
        return [.. AudioRecord.Tensors(json).Select(tensor => compute(OtherNames.GetValueOrDefault(tensor, tensor)) switch
        {
            float[] values => _record.Compare(json, tensor, values),
            long[] numbers => _record.Compare(json, tensor, numbers),
            _ => AudioRecord.Shown(json, tensor, "not a step here: an inner value, or what the library gets wrong"),
        })];
    }

    private static object? Whisper(WhisperLogMel whisper, JsonElement json, float[][] sounds, string tensor)
    {
        bool? normalizes = AudioRecord.Option(json, "do_normalize")?.GetBoolean();
        bool isPadded = AudioRecord.Option(json, "padding") is not { } padding || (padding.ValueKind == JsonValueKind.String && padding.GetString() == "max_length");
        int[] lengths = [.. sounds.Select(sound => isPadded ? whisper.Samples : sound.Length)];
        float[][] mels = [.. sounds.Select((sound, i) => whisper.Compute(sound.AsSpan(0, Math.Min(sound.Length, lengths[i])), lengths[i], normalizes))];
        long[] sums = [.. sounds.Select((sound, i) => (long)Math.Min(mels[i].Length / whisper.Bands, (sound.Length + 159) / 160))];
        return tensor switch
        {
            "input_features" => mels.SelectMany(mel => mel).ToArray(),
            "first_frames" => Frames(mels[0], whisper.Bands, 0, json.GetProperty("strided").EnumerateObject().First(entry => entry.Name.EndsWith("/first_frames", StringComparison.Ordinal)).Value.GetProperty("shape")[1].GetInt32()),
            "last" => Frames(mels[0], whisper.Bands, 20, 20),
            "attention_mask_sum" => sums,
            "attention_mask" => Enumerable.Repeat(1L, (int)sums[0]).ToArray(),
            _ => null,
        };
    }

    // Some frames of every band.
    private static float[] Frames(float[] mel, int bands, int first, int count) => [.. Enumerable.Range(0, bands).SelectMany(band => mel.AsSpan((band * (mel.Length / bands)) + first, count).ToArray())];

    private object? Clap(ClapMel clap, JsonElement json, float[] sound, string tensor)
    {
        int[]? places = json.TryGetProperty("first_sample", out JsonElement first) ? [first.GetInt32()]
            : json.TryGetProperty("first_frames_of_crops", out JsonElement crops) ? [.. crops.EnumerateArray().Select(crop => crop.GetInt32())] : null;
        AudioBatch batch = clap.Extract(sound, places, AudioRecord.Option(json, "padding")?.GetString());
        int bands = (int)batch.Shape[3], frames = (int)batch.Shape[2];
        int count = reference.Tensors!.Has($"{json.GetProperty("id").GetString()}/{tensor}") ? reference.Tensors.Shape($"{json.GetProperty("id").GetString()}/{tensor}")[0] : 0;
        return tensor switch
        {
            "input_features" => batch.Values,
            "first_frames" or "shrunk_first_rows" => batch.Values[..(count * bands)],
            "last_frames" => batch.Values[((frames - count) * bands)..(frames * bands)],
            "whole_mel" => clap.Mel(sound),
            "is_longer" => batch.IsLonger,
            _ => null,
        };
    }

    private static float[]? Ast(AstFbank ast, JsonElement json, float[] sound, string tensor)
    {
        if (tensor == "input_values")
            return ast.Extract(sound).Values;
        var banks = new KaldiFbank(Kaldi(json));
        float scale = AudioRecord.Option(json, "samples_times")?.GetSingle() ?? 1;
        float[] values = banks.Compute(Array.ConvertAll(sound, sample => sample * scale));
        return tensor == "fbank_first_60" ? values[..(60 * banks.Width)] : values;
    }

    private static KaldiFbankSettings Kaldi(JsonElement json)
    {
        JsonElement? Option(string name) => AudioRecord.Option(json, name);
        var usual = new KaldiFbankSettings { SinglePrecisionFilters = true };
        return usual with
        {
            Bands = Option("num_mel_bins")?.GetInt32() ?? usual.Bands,
            FrameLength = Option("frame_length")?.GetDouble() ?? usual.FrameLength,
            FrameShift = Option("frame_shift")?.GetDouble() ?? usual.FrameShift,
            Window = Option("window_type")?.GetString() ?? usual.Window,
            PreEmphasis = Option("preemphasis_coefficient")?.GetDouble() ?? usual.PreEmphasis,
            RemoveOffset = Option("remove_dc_offset")?.GetBoolean() ?? usual.RemoveOffset,
            LowFrequency = Option("low_freq")?.GetDouble() ?? usual.LowFrequency,
            HighFrequency = Option("high_freq")?.GetDouble() ?? usual.HighFrequency,
            UseEnergy = Option("use_energy")?.GetBoolean() ?? usual.UseEnergy,
            UseLog = Option("use_log_fbank")?.GetBoolean() ?? usual.UseLog,
            UsePower = Option("use_power")?.GetBoolean() ?? usual.UsePower,
            SubtractMean = Option("subtract_mean")?.GetBoolean() ?? usual.SubtractMean,
            SnipEdges = Option("snip_edges")?.GetBoolean() ?? usual.SnipEdges,
        };
    }

    private static object? Seamless(SeamlessFbank seamless, float[][] sounds, string tensor)
    {
        AudioBatch batch = seamless.Extract(sounds);
        return tensor switch
        {
            "fbank" => seamless.Banks(sounds[0]),
            "input_features" => batch.Values,
            "attention_mask" => batch.Mask,
            _ => null,
        };
    }

    private static object? Raw(RawWaveform raw, JsonElement json, float[][] sounds, string tensor)
    {
        int length = AudioRecord.Option(json, "max_length")?.GetInt32() ?? sounds.Max(sound => sound.Length);
        int multiple = AudioRecord.Option(json, "pad_to_multiple_of")?.GetInt32() ?? 1;
        length = (length + multiple - 1) / multiple * multiple;
        AudioBatch batch = raw.Pad(sounds, length);
        return tensor switch
        {
            "input_values" => batch.Values,
            "attention_mask" => batch.Mask,
            "attention_mask_sum" => batch.Lengths!.Select(kept => (long)kept).ToArray(),
            "after_the_end" => ShownRows.SelectMany(row => batch.Values.AsSpan((row * length) + sounds[row].Length - 3, 6).ToArray()).ToArray(),
            _ => null,
        };
    }
}
