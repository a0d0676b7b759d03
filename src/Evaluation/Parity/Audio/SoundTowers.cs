using System.Numerics.Tensors;
using System.Text.Json;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>Sounds against texts in the space that two towers share.</summary>
/// <param name="record">The record.</param>
/// <param name="sound">The vector of a sound, as its own case has it.</param>
/// <param name="texts">The text tower.</param>
/// <param name="soundScale">What the folder says of the scale of sounds against texts; null when it says nothing.</param>
internal sealed class SoundTowers(AudioRecord record, Func<string, float[]> sound, TowerTexts texts, double? soundScale)
{
    /// <summary>Compares a case of sounds with texts.</summary>
    public List<ParityRow> Compare(JsonElement json)
    {
        float[][] sounds = [.. json.GetProperty("sounds").EnumerateArray().Select(path => Unit(sound(path.GetString()!)))];
        float[][] words = [.. texts.Vectors([.. json.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)]).Select(Unit)];
        // The scale multiplies what the towers differ by, so that this step starts from recorded vectors.
        float[][] givenSounds = Given(json, "sounds", "sound", "audio_embeds_normalized") ?? sounds, givenWords = Given(json, "texts", "text", "text_embeds_normalized") ?? words;
        float Scale(string name) => json.TryGetProperty(name, out JsonElement scale) ? scale.GetSingle() : 1;
        float folderScale = (float)(soundScale ?? Scale("logit_scale_a"));
        List<ParityRow> rows = [.. AudioRecord.Tensors(json).Select(tensor => tensor switch
        {
            "audio_audio" => record.Compare(json, tensor, Products(sounds, sounds, 1)),
            "text_text" => record.Compare(json, tensor, Products(words, words, 1)),
            "audio_text" => record.Compare(json, tensor, Products(sounds, words, 1)),
            "logits_per_audio" => record.Compare(json, tensor, Products(givenSounds, givenWords, folderScale)),
            "logits_per_text" => record.Compare(json, tensor, Products(givenWords, givenSounds, Scale("logit_scale_t"))),
            _ => new ParityRow(json.GetProperty("id").GetString()!, tensor, null, null, ParityVerdict.NotSupported, "what it is, is not known"),
        })];
        string id = json.GetProperty("id").GetString()!;
        if (record.Reference.Tensors!.Has($"{id}/logits_per_audio"))
        {
            // From the sound itself to the probabilities of the texts.
            float[] ours = SoftMax(Products(sounds, words, folderScale), words.Length), recorded = SoftMax(record.Reference.Tensors.Floats($"{id}/logits_per_audio"), words.Length);
            rows.Add(Comparison.Floats(id, "probabilities, from the sound", ours, recorded, new(1e-4, null, null, Informative: false)));
        }

        return rows;
    }

    private static float[] SoftMax(float[] logits, int width)
    {
        var result = new float[logits.Length];
        for (int start = 0; start < logits.Length; start += width)
            TensorPrimitives.SoftMax(logits.AsSpan(start, width), result.AsSpan(start, width));
        return result;
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
