using System.Numerics;
using System.Text.Json;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>References of signal processing: resampling, windows, spectra, mel scales and filters.</summary>
/// <param name="reference">The record.</param>
internal sealed class AudioSignalReference(Reference reference)
{
    private readonly AudioRecord _record = new(reference);

    // A case is told by the fields it has; the first that fits.
    private static readonly (Func<JsonElement, bool> Fits, Func<AudioSignalReference, JsonElement, string, ParityRow> Compare)[] Kinds =
    [
        (json => json.TryGetProperty("from_rate", out _) && json.TryGetProperty("sound", out _), (self, json, tensor) => self.Loaded(json, tensor)),
        (json => json.TryGetProperty("from_rate", out _) && json.TryGetProperty("width", out _), (self, json, tensor) => self.Kernel(json, tensor)),
        (json => json.TryGetProperty("from_rate", out _), (self, json, tensor) => self.Resampled(json, tensor)),
        (json => AudioRecord.Option(json, "num_mel_filters") is not null, (self, json, tensor) => self._record.Compare(json, tensor, Filters(json.GetProperty("options")))),
        (json => Starts(json, "scale/"), (self, json, tensor) => self.Scale(json, tensor)),
        (json => Starts(json, "window/"), (self, json, tensor) => self._record.Compare(json, tensor, Window(json, tensor))),
        (CepstraCase.Fits, (self, json, tensor) => self._record.Compare(json, tensor, CepstraCase.Compute(json, self.Input(json), self.RecordedPower(json)))),
        (json => json.TryGetProperty("n_fft", out _), (self, json, tensor) => self._record.Compare(json, tensor, self.Spectrum(json, tensor))),
        (json => Starts(json, "reflect/"), (self, json, tensor) => self._record.Compare(json, tensor, Reflected(json))),
    ];

    public static bool Reads(Reference reference) =>
        reference.Tensors is not null && reference.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array &&
        cases.EnumerateArray().Any(json => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id", out _) && Kinds.Any(kind => kind.Fits(json)));

    public IReadOnlyList<ParityCase> Cases()
    {
        List<ParityCase> cases = [.. reference.Json.GetProperty("cases").EnumerateArray().Select(Case)];
        if (reference.Json.TryGetProperty("lengths", out JsonElement lengths))
            cases.Add(new ParityCase("lengths", null, () => [.. lengths.EnumerateArray().Select(Lengths)]));
        return cases;
    }

    private ParityCase Case(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        foreach ((Func<JsonElement, bool> fits, Func<AudioSignalReference, JsonElement, string, ParityRow> compare) in Kinds)
        {
            if (fits(json))
                return new ParityCase(id, null, () => [.. AudioRecord.Tensors(json).Select(tensor => compare(this, json, tensor)), .. Length(json)]);
        }

        return ParityCase.Unsupported(id, "this step is not built");
    }

    private static bool Starts(JsonElement json, string prefix) => json.GetProperty("id").GetString()!.StartsWith(prefix, StringComparison.Ordinal);

    private ParityRow Resampled(JsonElement json, string tensor)
    {
        string id = json.GetProperty("id").GetString()!;
        float[] input = reference.Tensors!.Floats(AudioRecord.Text(json, "input") ?? $"{id}/input");
        return tensor == "input" ? AudioRecord.Shown(json, tensor, "what is resampled") : Resampled(json, tensor, input, json.GetProperty("from_rate").GetInt32());
    }

    private ParityRow Resampled(JsonElement json, string tensor, float[] input, int from)
    {
        SincFilterKind? kind = tensor.StartsWith("torchaudio_kaiser", StringComparison.Ordinal) ? SincFilterKind.KaiserBest : tensor.StartsWith("torchaudio", StringComparison.Ordinal) ? SincFilterKind.Hann : null;
        return kind is null ? AudioRecord.Shown(json, tensor, "another filter, which is not built")
            : _record.Compare(json, tensor, Resampler.Resample(input, from, json.GetProperty("to_rate").GetInt32(), kind));
    }

    private ParityRow Loaded(JsonElement json, string tensor)
    {
        try
        {
            (float[] samples, int rate) = _record.Sound(AudioRecord.Text(json, "sound")!);
            if (rate != json.GetProperty("from_rate").GetInt32())
                return AudioRecord.Shown(json, tensor, $"ffmpeg gives this sound {rate} Hz, the record's decoder another rate");
            ParityRow row = Resampled(json, tensor, samples, rate);
            return row.Verdict == ParityVerdict.Fail && !IsLossless(json) ? row with { Verdict = ParityVerdict.Informative, Note = "decoders of lossy formats differ: " + row.Note } : row;
        }
        catch (InvalidDataException exception) when (json.TryGetProperty("librosa_error", out _))
        {
            return new ParityRow(json.GetProperty("id").GetString()!, tensor, null, null, ParityVerdict.Pass, $"refused, as librosa refuses it: {exception.Message}");
        }
    }

    private bool IsLossless(JsonElement json)
    {
        string path = AudioRecord.Text(json, "sound")!;
        using FileStream stream = File.OpenRead(Path.Combine(Path.GetDirectoryName(_record.FileOf(path))!, "sounds.json"));
        using JsonDocument list = JsonDocument.Parse(stream);
        return list.RootElement.GetProperty("sounds").EnumerateArray().First(sound => sound.GetProperty("file").GetString() == Path.GetFileName(path)).GetProperty("lossless").GetBoolean();
    }

    // A sound without tensors, because its library refused it, still has a length.
    private static ParityRow[] Length(JsonElement json)
    {
        if (!json.TryGetProperty("samples_in", out JsonElement samples) && !json.TryGetProperty("lengths", out _))
            return [];
        int from = json.GetProperty("from_rate").GetInt32(), to = json.GetProperty("to_rate").GetInt32();
        long count = samples.ValueKind == JsonValueKind.Number ? samples.GetInt64() : 0;
        return [Comparison.Integers(json.GetProperty("id").GetString()!, "length", [new Resampler(from, to).Length(count)], [Exact(count, from, to)])];
    }

    private static ParityRow Lengths(JsonElement json)
    {
        int from = json.GetProperty("from_rate").GetInt32(), to = json.GetProperty("to_rate").GetInt32();
        var resampler = new Resampler(from, to);
        JsonElement[] rows = [.. json.GetProperty("rows").EnumerateArray()];
        return Comparison.Integers("lengths", $"{from}-{to}", [.. rows.Select(row => resampler.Length(row[0].GetInt64()))], [.. rows.Select(row => row[1].GetInt64())]);
    }

    private static long Exact(long samples, int from, int to) => (long)(((BigInteger)samples * to + from - 1) / from);

    private ParityRow Kernel(JsonElement json, string tensor)
    {
        var filter = new SincFilter(json.GetProperty("from_rate").GetInt32(), json.GetProperty("to_rate").GetInt32(), SincFilterKind.Hann);
        int width = json.GetProperty("width").GetInt32(), taps = (2 * width) + filter.Step;
        float[] dense = new float[filter.Phases * taps];
        for (int phase = 0; phase < filter.Phases; phase++)
        {
            ReadOnlySpan<float> weights = filter.Weights(phase);
            for (int tap = 0; tap < weights.Length; tap++)
            {
                int place = filter.Start(phase) + tap + width;
                if (place >= 0 && place < taps)
                    dense[(phase * taps) + place] = weights[tap];
            }
        }

        return _record.Compare(json, tensor, dense);
    }

    private static float[] Filters(JsonElement options)
    {
        var bank = new MelFilterBank(new(
            options.GetProperty("num_frequency_bins").GetInt32(), options.GetProperty("num_mel_filters").GetInt32(), options.GetProperty("min_frequency").GetDouble(), options.GetProperty("max_frequency").GetDouble(),
            options.GetProperty("sampling_rate").GetInt32(), options.GetProperty("mel_scale").GetString()!, AudioRecord.Text(options, "norm") == "slaney",
            options.TryGetProperty("triangularize_in_mel_space", out JsonElement triangular) && triangular.GetBoolean()));
        float[] filters = new float[bank.Bins * bank.Filters.Count];
        for (int filter = 0; filter < bank.Filters.Count; filter++)
        {
            (int first, double[] weights) = bank.Filters[filter];
            for (int i = 0; i < weights.Length; i++)
                filters[((first + i) * bank.Filters.Count) + filter] = (float)weights[i];
        }

        return filters;
    }

    private ParityRow Scale(JsonElement json, string tensor)
    {
        string id = json.GetProperty("id").GetString()!;
        MelScale scale = MelScale.Known[id["scale/".Length..]];
        float[] hertz = reference.Tensors!.Floats($"{id}/hertz");
        return _record.Compare(json, tensor, [.. hertz.Select(value => (float)(tensor switch { "mel" => scale.ToMel(value), "back" => scale.ToHertz(scale.ToMel(value)), _ => value }))]);
    }

    private static float[] Window(JsonElement json, string tensor)
    {
        string[] words = tensor.Split('_');
        string name = words.First(FrameWindow.Known.ContainsKey);
        int length = int.Parse(json.GetProperty("id").GetString()!["window/".Length..], System.Globalization.CultureInfo.InvariantCulture);
        return [.. FrameWindow.Of(name, length, periodic: words.Contains("periodic")).Select(value => (float)value)];
    }

    private float[] Input(JsonElement json) => reference.Tensors!.Floats(AudioRecord.Text(json, "input")!);

    private float[] Spectrum(JsonElement json, string tensor)
    {
        int size = json.GetProperty("n_fft").GetInt32(), hop = json.GetProperty("hop_length").GetInt32();
        var settings = new FrameSettings { Length = size, Hop = hop, FftSize = size, Window = FrameWindow.Of("hann", size, periodic: true) };
        float[] input = Input(json), padded = Reflection.Pad(input, size / 2);
        int frames = 1 + (input.Length / hop), lanes = Vector<double>.Count;
        var spectrogram = new Spectrogram<double>(settings, new Fft<double>(size));
        float[] values = new float[settings.Bins * frames];
        for (int first = 0; first < frames; first += Spectrogram<double>.Step)
        {
            spectrogram.Transform(padded, first, Math.Min(Spectrogram<double>.Step, frames - first));
            for (int frame = first; frame < Math.Min(frames, first + Spectrogram<double>.Step); frame++)
            {
                for (int bin = 0; bin < settings.Bins; bin++)
                {
                    (Vector<double> real, Vector<double> imaginary) = spectrogram.At(bin, (frame - first) / lanes);
                    double r = real[(frame - first) % lanes], i = imaginary[(frame - first) % lanes];
                    values[(bin * frames) + frame] = (float)(tensor switch { "real" => r, "imag" => i, _ => (r * r) + (i * i) });
                }
            }
        }

        return values;
    }

    // The transform of the same input with the same frames, where the record has it.
    private float[]? RecordedPower(JsonElement json)
    {
        bool Same(JsonElement other, string number) => other.TryGetProperty(number, out JsonElement theirs) && AudioRecord.Option(json, number) is { } ours && ours.GetInt32() == theirs.GetInt32();
        string? id = reference.Json.GetProperty("cases").EnumerateArray()
            .Where(other => AudioRecord.Text(other, "input") == AudioRecord.Text(json, "input") && Same(other, "n_fft") && Same(other, "hop_length"))
            .Select(other => other.GetProperty("id").GetString()).FirstOrDefault(name => reference.Tensors!.Has($"{name}/real"));
        return id is null ? null : [.. reference.Tensors!.Floats($"{id}/real").Zip(reference.Tensors.Floats($"{id}/imag"), (real, imaginary) => (real * real) + (imaginary * imaginary))];
    }

    private static float[] Reflected(JsonElement json)
    {
        // reflect/7-by-30: the numbers 1 to 7, padded by 30; a single one is a 5.
        int[] numbers = [.. json.GetProperty("id").GetString()!["reflect/".Length..].Split("-by-").Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        float[] signal = numbers[0] == 1 ? [5] : [.. Enumerable.Range(1, numbers[0]).Select(number => (float)number)];
        return Reflection.Pad(signal, numbers[1]);
    }
}
