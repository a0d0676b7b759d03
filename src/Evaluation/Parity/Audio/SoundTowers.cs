using System.Numerics.Tensors;
using System.Text.Json;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>Sounds against texts in the space that two towers share.</summary>
/// <param name="record">The record.</param>
/// <param name="sound">The vector of a sound, as its own case has it.</param>
/// <param name="texts">The text tower.</param>
internal sealed class SoundTowers(AudioRecord record, Func<string, float[]> sound, TowerTexts texts)
{
    /// <summary>Compares a case of sounds with texts.</summary>
    public List<ParityRow> Compare(JsonElement json)
    {
        float[][] sounds = [.. json.GetProperty("sounds").EnumerateArray().Select(path => Unit(sound(path.GetString()!)))];
        float[][] words = [.. texts.Vectors([.. json.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)]).Select(Unit)];
        float Scale(string name) => json.TryGetProperty(name, out JsonElement scale) ? scale.GetSingle() : 1;
        return [.. AudioRecord.Tensors(json).Select(tensor => tensor switch
        {
            "audio_audio" => record.Compare(json, tensor, Products(sounds, sounds, 1)),
            "text_text" => record.Compare(json, tensor, Products(words, words, 1)),
            "audio_text" => record.Compare(json, tensor, Products(sounds, words, 1)),
            "logits_per_audio" => record.Compare(json, tensor, Products(sounds, words, Scale("logit_scale_a"))),
            "logits_per_text" => record.Compare(json, tensor, Products(words, sounds, Scale("logit_scale_t"))),
            _ => new ParityRow(json.GetProperty("id").GetString()!, tensor, null, null, ParityVerdict.NotSupported, "what it is, is not known"),
        })];
    }

    private static float[] Products(float[][] rows, float[][] columns, float scale) => [.. rows.SelectMany(row => columns.Select(column => scale * TensorPrimitives.Dot<float>(row, column)))];

    private static float[] Unit(float[] vector)
    {
        L2.Normalize(vector, vector.Length);
        return vector;
    }
}
