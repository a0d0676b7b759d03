using System.Text.Json;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>Cepstra as torchaudio and librosa make them, [cepstrum, frame], and as Kaldi does, [frame, cepstrum].</summary>
internal static class CepstraCase
{
    private const float Range = 80, Int16 = 32_768;

    public static bool Fits(JsonElement json) => AudioRecord.Option(json, "n_mfcc") is not null || AudioRecord.Option(json, "num_ceps") is not null;

    /// <summary>Computes the cepstra of a case.</summary>
    /// <param name="json">The case.</param>
    /// <param name="sound">At 16 kHz.</param>
    /// <param name="spectrum">Its recorded power, [bin, frame], where torch's transform is on record; else null. That one is in float32: quiet bands are off by 6e-5 dB and more.</param>
    public static float[] Compute(JsonElement json, float[] sound, float[]? spectrum)
    {
        int Number(string name, int otherwise) => AudioRecord.Option(json, name)?.GetInt32() ?? otherwise;
        if (AudioRecord.Option(json, "num_ceps") is { } count)
        {
            var banks = new KaldiFbank(new KaldiFbankSettings { Bands = Number("num_mel_bins", 23), SinglePrecisionFilters = true, Window = AudioRecord.Option(json, "window_type")?.GetString() ?? "povey" });
            return new Cepstra(banks.Width, count.GetInt32(), Number("cepstral_lifter", 22), singlePrecision: true).Compute(banks.Compute(Array.ConvertAll(sound, sample => sample * Int16)));
        }

        const int rate = 16_000;
        int size = Number("n_fft", 400), hop = Number("hop_length", 160), bands = Number("n_mels", 40), cepstra = Number("n_mfcc", 20), frames = 1 + (sound.Length / hop);
        bool isSlaney = Says(json, "mel", "slaney");
        var bank = new MelFilterBank(new((size / 2) + 1, bands, 0, rate / 2.0, rate, isSlaney ? "slaney" : "htk", AreaNormalised: isSlaney, SinglePrecision: !isSlaney));
        float[] power = isSlaney || spectrum is null ? Bands(bank, size, hop, frames, sound, Says(json, "pad_mode", "constant")) : Bands(bank, frames, spectrum);
        Cepstra.ToDecibels(power, Range);
        float[] rows = new Cepstra(bands, cepstra, singlePrecision: !isSlaney).Compute(power);
        return [.. Enumerable.Range(0, rows.Length).Select(place => rows[(place % frames * cepstra) + (place / frames)])];
    }

    private static float[] Bands(MelFilterBank bank, int size, int hop, int frames, float[] sound, bool isFramedByZeros)
    {
        int bands = bank.Filters.Count;
        float[] power = new float[frames * bands];
        var mel = new MelSpectrogram<double>(new FrameSettings { Length = size, Hop = hop, FftSize = size, Window = FrameWindow.Of("hann", size, periodic: true) }, bank);
        mel.Compute(isFramedByZeros ? [.. new float[size / 2], .. sound, .. new float[size / 2]] : Reflection.Pad(sound, size / 2), frames, new MelTarget(power, bandStride: 1, frameStride: bands));
        return power;
    }

    private static float[] Bands(MelFilterBank bank, int frames, float[] spectrum) => [.. Enumerable.Range(0, frames).SelectMany(frame =>
        bank.Filters.Select(filter => (float)filter.Weights.Select((weight, i) => weight * spectrum[((filter.First + i) * frames) + frame]).Sum()))];

    private static bool Says(JsonElement json, string option, string word) => AudioRecord.Option(json, option)?.GetString()?.StartsWith(word, StringComparison.Ordinal) == true;
}
