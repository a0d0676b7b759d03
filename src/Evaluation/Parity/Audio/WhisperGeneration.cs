using System.Text.Json;
using Polymodal.Providers.Local.Audio.Transcription;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>Cases in which a Whisper folder says what it hears: prompt, first logits, token ids, text.</summary>
/// <param name="record">The record.</param>
/// <param name="own">Takes charge of the loaded model.</param>
internal sealed class WhisperGeneration(AudioRecord record, Action<IDisposable> own)
{
    private WhisperSpeechToTextClient? _client;

    /// <summary>Compares a case.</summary>
    /// <param name="json">The case.</param>
    /// <param name="sound">At the model's rate.</param>
    public List<ParityRow> Compare(JsonElement json, float[] sound)
    {
        string id = json.GetProperty("id").GetString()!;
        if (_client is null)
            own(_client = WhisperSpeechToTextClient.Load(record.Reference.Folder));
        WhisperTrace trace = _client.Trace(sound, AudioRecord.Option(json, "language")?.GetString(), AudioRecord.Option(json, "task")?.GetString() == "translate", AudioRecord.Option(json, "max_new_tokens")?.GetInt32() ?? int.MaxValue);
        List<ParityRow> rows = [.. AudioRecord.Tensors(json).Select(tensor => tensor switch
        {
            "prompt" => record.Compare(json, tensor, trace.Prompt),
            "first_logits" => record.Compare(json, tensor, trace.FirstLogits, trace.FirstLogits.Length),
            "token_ids" => record.Compare(json, tensor, [.. trace.Prompt, .. trace.Tokens.Select(token => (long)token)]),
            _ => new ParityRow(id, tensor, null, null, ParityVerdict.NotSupported, "what it is, is not known"),
        })];
        if (json.TryGetProperty("generate", out JsonElement generated))
            rows.Add(Comparison.Integers(id, "generate", [.. trace.Tokens.Select(token => (long)token)], [.. generated.EnumerateArray().Select(token => token.GetInt64())]));
        return rows;
    }
}
