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
    public static float[] Compute(JsonElement json, float[] sound)
    {
        int Number(string name, int otherwise) => AudioRecord.Option(json, name)?.GetInt32() ?? otherwise;
        if (AudioRecord.Option(json, "num_ceps") is { } count)
        {
            var banks = new KaldiFbank(new KaldiFbankSettings { Bands = Number("num_mel_bins", 23), Window = AudioRecord.Option(json, "window_type")?.GetString() ?? "povey" });
            return new Cepstra(banks.Width, count.GetInt32(), Number("cepstral_lifter", 22)).Compute(banks.Compute(Array.ConvertAll(sound, sample => sample * Int16)));
        }

        const int rate = 16_000;
        int size = Number("n_fft", 400), hop = Number("hop_length", 160), bands = Number("n_mels", 40), cepstra = Number("n_mfcc", 20), frames = 1 + (sound.Length / hop);
        bool isSlaney = Says(json, "mel", "slaney");
        var mel = new MelSpectrogram<double>(
            new FrameSettings { Length = size, Hop = hop, FftSize = size, Window = FrameWindow.Of("hann", size, periodic: true) },
            new MelFilterBank(new((size / 2) + 1, bands, 0, rate / 2.0, rate, isSlaney ? "slaney" : "htk", AreaNormalised: isSlaney)));
        float[] power = new float[frames * bands];
        mel.Compute(Says(json, "pad_mode", "constant") ? [.. new float[size / 2], .. sound, .. new float[size / 2]] : Reflection.Pad(sound, size / 2), frames, new MelTarget(power, bandStride: 1, frameStride: bands));
        Cepstra.ToDecibels(power, Range);
        float[] rows = new Cepstra(bands, cepstra).Compute(power);
        return [.. Enumerable.Range(0, rows.Length).Select(place => rows[(place % frames * cepstra) + (place / frames)])];
    }

    private static bool Says(JsonElement json, string option, string word) => AudioRecord.Option(json, option)?.GetString()?.StartsWith(word, StringComparison.Ordinal) == true;
}
