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
        // The scale multiplies what the towers differ by, so that this step starts from recorded vectors.
        float[][] givenSounds = Given(json, "sounds", "sound", "audio_embeds_normalized") ?? sounds, givenWords = Given(json, "texts", "text", "text_embeds_normalized") ?? words;
        float Scale(string name) => json.TryGetProperty(name, out JsonElement scale) ? scale.GetSingle() : 1;
        return [.. AudioRecord.Tensors(json).Select(tensor => tensor switch
        {
            "audio_audio" => record.Compare(json, tensor, Products(sounds, sounds, 1)),
            "text_text" => record.Compare(json, tensor, Products(words, words, 1)),
            "audio_text" => record.Compare(json, tensor, Products(sounds, words, 1)),
            "logits_per_audio" => record.Compare(json, tensor, Products(givenSounds, givenWords, Scale("logit_scale_a"))),
            "logits_per_text" => record.Compare(json, tensor, Products(givenWords, givenSounds, Scale("logit_scale_t"))),
            _ => new ParityRow(json.GetProperty("id").GetString()!, tensor, null, null, ParityVerdict.NotSupported, "what it is, is not known"),
        })];
    }

    // The vectors that the cases of single sounds or texts have, or null when one of them is missing.
    private float[][]? Given(JsonElement json, string list, string field, string tensor)
    {
        Reference reference = record.Reference;
        string?[] names = [.. json.GetProperty(list).EnumerateArray().Select(input => reference.Json.GetProperty("cases").EnumerateArray()
            .Where(other => AudioRecord.Text(other, field) == input.GetString()).Select(other => $"{other.GetProperty("id").GetString()}/{tensor}").FirstOrDefault(reference.Tensors!.Has))];
        return names.Contains(null) ? null : [.. names.Select(name => reference.Tensors!.Floats(name!))];
    }

    private static float[] Products(float[][] rows, float[][] columns, float scale) => [.. rows.SelectMany(row => columns.Select(column => scale * TensorPrimitives.Dot<float>(row, column)))];

    private static float[] Unit(float[] vector)
    {
        L2.Normalize(vector, vector.Length);
        return vector;
    }
}
