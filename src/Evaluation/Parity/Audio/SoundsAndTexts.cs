using System.Numerics.Tensors;
using System.Text.Json;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>Sounds against texts in the space that two towers share, and the text tower by itself.</summary>
/// <param name="record">The record.</param>
/// <param name="sounds">The tower of sounds.</param>
/// <param name="texts">The tower of texts.</param>
internal sealed class SoundsAndTexts(AudioRecord record, LocalAudioModel sounds, LocalTextModel texts)
{
    private readonly TowerTexts _texts = new(record.Reference, texts);

    /// <summary>A case of one text or several.</summary>
    public List<ParityRow> Texts(JsonElement json) => [.. _texts.Compare(json.GetProperty("id").GetString()!, json)
        // The first token alone is recorded of what the graph gives for all.
        .Select(row => row.Tensor == "first_token" ? FirstToken(json) : row)];

    /// <summary>A case of all sounds with all texts.</summary>
    /// <param name="json">The case.</param>
    /// <param name="hear">Gives the vector of a sound.</param>
    public List<ParityRow> Similarity(JsonElement json, Func<string, float[]> hear)
    {
        float[][] heard = [.. json.GetProperty("sounds").EnumerateArray().Select(sound => Unit(hear(sound.GetString()!)))];
        float[][] read = [.. json.GetProperty("texts").EnumerateArray().Select(text => Unit(_texts.Vectors([text.GetString()!])[0]))];
        float[] Products(float[][] rows, float[][] columns, double scale = 1) => [.. rows.SelectMany(row => columns.Select(column => (float)(scale * TensorPrimitives.Dot<float>(row, column))))];
        // The folder says one scale, that of sounds; the texts' own stands in the weights, which are not in it.
        double soundScale = sounds.Scale?.Scale ?? double.NaN;
        (float[][] givenSounds, float[][] givenTexts) = Recorded(json);
        return [.. AudioRecord.Tensors(json).SelectMany<string, ParityRow>(tensor => tensor switch
        {
            "audio_audio" => [record.Compare(json, tensor, Products(heard, heard))],
            "text_text" => [record.Compare(json, tensor, Products(read, read))],
            "audio_text" => [record.Compare(json, tensor, Products(heard, read))],
            "logits_per_audio" => [record.Compare(json, tensor, Products(givenSounds, givenTexts, soundScale)), Probabilities(json, tensor, Products(heard, read, soundScale), read.Length)],
            "logits_per_text" => [AudioRecord.Shown(json, tensor, "the scale of texts is in no file of the folder")],
            _ => [AudioRecord.Shown(json, tensor, "not a step here")],
        })];
    }

    // The step starts from the recorded vectors, so that the error of the model step is not multiplied by the scale and charged to it.
    private (float[][] Sounds, float[][] Texts) Recorded(JsonElement json)
    {
        JsonElement[] cases = [.. record.Reference.Json.GetProperty("cases").EnumerateArray()];
        float[] Of(string field, string value, string tensor) =>
            record.Reference.Tensors!.Floats($"{cases.First(other => other.TryGetProperty(field, out JsonElement own) && own.GetString() == value).GetProperty("id").GetString()}/{tensor}_normalized");
        return ([.. json.GetProperty("sounds").EnumerateArray().Select(sound => Of("sound", sound.GetString()!, "audio_embeds"))], [.. json.GetProperty("texts").EnumerateArray().Select(text => Of("text", text.GetString()!, "text_embeds"))]);
    }

    // From the sound itself to the probabilities of the texts.
    private ParityRow Probabilities(JsonElement json, string tensor, float[] logits, int texts)
    {
        string id = json.GetProperty("id").GetString()!;
        return Comparison.Floats(id, "probabilities, from the sound", SoftMax(logits, texts), SoftMax(record.Reference.Tensors!.Floats($"{id}/{tensor}"), texts), new(1e-4, null, null, Informative: false));
    }

    private static float[] SoftMax(float[] logits, int width)
    {
        var result = new float[logits.Length];
        for (int start = 0; start < logits.Length; start += width)
            TensorPrimitives.SoftMax(logits.AsSpan(start, width), result.AsSpan(start, width));
        return result;
    }

    private ParityRow FirstToken(JsonElement json)
    {
        TextTrace trace = texts.Trace([json.GetProperty("text").GetString()!]);
        return trace.Outputs.TryGetValue("last_hidden_state", out float[]? tokens) || trace.TokenEmbeddings.Length > 0
            ? record.Compare(json, "first_token", (tokens ?? trace.TokenEmbeddings)[..(record.Reference.Tensors!.Shape($"{json.GetProperty("id").GetString()}/first_token")[^1])])
            : AudioRecord.Shown(json, "first_token", "not an output of the graph");
    }

    private static float[] Unit(float[] vector)
    {
        L2.Normalize(vector, vector.Length);
        return vector;
    }
}
