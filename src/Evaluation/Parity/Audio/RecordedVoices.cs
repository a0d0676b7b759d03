using System.Text.Json;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Features;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>A voice encoder with recordings: power in mel bands, the vector of each part, and the sound's.</summary>
/// <param name="reference">The record.</param>
/// <param name="own">Takes charge of the loaded model.</param>
internal sealed class RecordedVoices(Reference reference, Action<IDisposable> own)
{
    private readonly RecordedSpeech _speech = new(reference);
    private readonly VoiceMel _mel = new();
    private LocalAudioModel? _model;

    public static bool Reads(Reference reference) => RecordedSpeech.Has(reference, "partials");

    public IReadOnlyList<ParityCase> Cases() =>
        [.. reference.Json.GetProperty("cases").EnumerateArray().Select(json => new ParityCase(json.GetProperty("id").GetString()!, null, () => Compare(json)))];

    private List<ParityRow> Compare(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        float[] sound = _speech.Sound(json), mel = _mel.Mel(sound, out int frames);
        LocalAudioModel model = Model();
        return
        [
            RecordedSpeech.Field(id, json, "mel_shape", [frames, mel.Length / frames]),
            RecordedSpeech.Field(id, json, "partial_starts", VoiceMel.Parts(sound.Length).Select(start => (long)start)),
            .. AudioRecord.Tensors(json).Select(tensor => tensor switch
            {
                "mel" => _speech.Compare(id, tensor, mel),
                "partials" => _speech.Compare(id, tensor, model.Encoder.Encode(model.Encoder.Extractor.Extract(sound), default), model.Encoder.Dimensions),
                "embedding" => _speech.Compare(id, tensor, Embedding(model, sound), model.Space.Dimensions),
                _ => new ParityRow(id, tensor, null, null, ParityVerdict.NotSupported, "what it is, is not known"),
            }),
        ];
    }

    private static float[] Embedding(LocalAudioModel model, float[] sound) =>
        model.EncodeAsync([SoundSource.Of(new AudioSamples(sound, model.SamplingRate))], model.Space.Dimensions, CancellationToken.None).GetAwaiter().GetResult().Vectors[0];

    private LocalAudioModel Model()
    {
        if (_model is null)
            own(_model = LocalAudioModel.Load(_speech.Model(), new LocalAudioEmbeddingOptions { Model = VoiceEncoder.Ge2e }));
        return _model;
    }
}
