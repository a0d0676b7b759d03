using System.Text.Json;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Transcription;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>A real Whisper model with recordings: what it hears, the encoder's frames and their means, the first logits, and what was said, token by token.</summary>
/// <param name="reference">The record.</param>
/// <param name="own">Takes charge of the loaded model.</param>
internal sealed class RecordedWhisper(Reference reference, Action<IDisposable> own)
{
    // The record's own loop ends here.
    private const int MostTokens = 60;
    private readonly RecordedSpeech _speech = new(reference);
    private WhisperSpeechToTextClient? _client;

    public static bool Reads(Reference reference) => RecordedSpeech.Has(reference, "token_ids");

    public IReadOnlyList<ParityCase> Cases() =>
        [.. reference.Json.GetProperty("cases").EnumerateArray().Select(json => new ParityCase(json.GetProperty("id").GetString()!, null, () => Compare(json)))];

    private List<ParityRow> Compare(JsonElement json)
    {
        string id = json.GetProperty("id").GetString()!;
        float[] sound = _speech.Sound(json);
        WhisperTrace trace = Client().Trace(sound, mostTokens: MostTokens);
        List<ParityRow> rows =
        [
            RecordedSpeech.Field(id, json, "samples", [sound.Length]),
            RecordedSpeech.Field(id, json, "valid_frames", [trace.SoundFrames]),
            .. AudioRecord.Tensors(json).Select(tensor => tensor switch
            {
                "log_mel" => _speech.Compare(id, tensor, trace.Heard),
                "last_hidden_state" => _speech.Compare(id, tensor, trace.Frames),
                "mean_all" => _speech.Compare(id, tensor, Mean(trace.Frames, trace.Hidden), trace.Hidden),
                "mean_valid" => _speech.Compare(id, tensor, Mean(trace.Frames.AsSpan(0, trace.SoundFrames * trace.Hidden), trace.Hidden), trace.Hidden),
                "first_logits" => _speech.Compare(id, tensor, trace.FirstLogits),
                "token_ids" => Comparison.Integers(id, tensor, [.. trace.Tokens.Select(token => (long)token)], reference.Tensors!.Integers($"{id}/{tensor}")),
                _ => new ParityRow(id, tensor, null, null, ParityVerdict.NotSupported, "what it is, is not known"),
            }),
        ];
        if (AudioRecord.Text(json, "text") is { } text)
            rows.Add(new ParityRow(id, "text", null, null, trace.Text == text ? ParityVerdict.Pass : ParityVerdict.Fail, trace.Text == text ? null : $"'{trace.Text}', recorded '{text}'"));
        return rows;
    }

    private WhisperSpeechToTextClient Client()
    {
        if (_client is null)
            own(_client = WhisperSpeechToTextClient.Load(_speech.Model()));
        return _client;
    }

    private static float[] Mean(ReadOnlySpan<float> frames, int hidden)
    {
        float[] mean = new float[hidden];
        FramePooling.By(AudioPooling.Mean, frames, mean);
        return mean;
    }
}
