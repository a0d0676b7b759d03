using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Audio.Transcription;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Tests.Audio;

/// <summary>The real models of the repository on recorded speech.</summary>
public sealed class RealModelTests
{
    // Recorded with Python: 178 of 180, and 168 where what the same speaker recorded is left out.
    [Fact]
    public async Task Spoken_digits_are_told_apart_by_what_is_said_whoever_says_it()
    {
        using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.PathOf("models/whisper-tiny.en"));
        FileInfo[] files = [.. new DirectoryInfo(Repository.Reference("media/spoken-digits")).GetFiles("*.wav").OrderBy(file => file.Name, StringComparer.Ordinal)];
        float[][] vectors = [.. (await generator.GenerateAsync(files)).Select(embedding => embedding.Vector.ToArray())];
        // Names are digit_speaker_index.wav.
        string[][] labels = [.. files.Select(file => file.Name.Split('_'))];
        int Right(Func<int, int, bool> mayBeNeighbour) => Enumerable.Range(0, files.Length).Count(one => labels[one][0] == labels[Enumerable.Range(0, files.Length)
            .Where(other => mayBeNeighbour(one, other)).MaxBy(other => TensorPrimitives.CosineSimilarity(vectors[one], vectors[other]))][0]);
        int amongAll = Right((one, other) => one != other), amongOtherSpeakers = Right((one, other) => labels[one][1] != labels[other][1]);
        Assert.Equal(180, files.Length);
        Assert.True(amongAll >= 0.98 * files.Length, $"{amongAll} of {files.Length}");
        Assert.True(amongOtherSpeakers >= 0.92 * files.Length, $"{amongOtherSpeakers} of {files.Length} among other speakers");
    }

    [Fact]
    public async Task Transcripts_are_token_by_token_those_of_the_record()
    {
        using WhisperSpeechToTextClient client = WhisperSpeechToTextClient.Load(Repository.PathOf("models/whisper-tiny.en"));
        foreach (JsonElement recorded in Cases("whisper-tiny.en"))
        {
            string path = Repository.PathOf($"models/speech/{recorded.GetProperty("audio").GetString()}");
            using FileStream stream = File.OpenRead(path);
            using var reader = new Polymodal.Providers.Local.Audio.Decoding.AudioDecoder().Open(stream);
            float[] samples = Polymodal.Providers.Local.Audio.Decoding.AudioSamples.ReadAll(reader).Samples.ToArray();
            Assert.Equal(recorded.GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32()), client.Trace(samples, mostTokens: 60).Tokens);
            using FileStream again = File.OpenRead(path);
            Assert.Equal(recorded.GetProperty("text").GetString()!.Trim(), (await client.GetTextAsync(again)).Text);
        }
    }

    [Fact]
    public async Task A_long_sound_is_transcribed_in_windows_with_times()
    {
        using WhisperSpeechToTextClient client = WhisperSpeechToTextClient.Load(Repository.PathOf("models/whisper-tiny.en"));
        using FileStream stream = File.OpenRead(RecordedSounds.PathOf("speech-31s.wav"));
        var parts = new List<SpeechToTextResponseUpdate>();
        await foreach (SpeechToTextResponseUpdate part in client.GetStreamingTextAsync(stream))
            parts.Add(part);
        Assert.NotEmpty(parts);
        Assert.All(parts, part => Assert.True(part.StartTime <= part.EndTime && part.EndTime <= TimeSpan.FromSeconds(62)));
        Assert.Equal(parts.Select(part => part.StartTime).Order(), parts.Select(part => part.StartTime));
    }

    [Fact]
    public async Task Voices_have_the_vectors_of_the_record()
    {
        var tensors = SafeTensors.Read(Repository.PathOf("models/speaker-ge2e/reference.safetensors"));
        using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.PathOf("models/speaker-ge2e"), new LocalAudioEmbeddingOptions { Model = VoiceEncoder.Ge2e });
        JsonElement[] cases = Cases("speaker-ge2e");
        FileInfo[] files = [.. cases.Select(recorded => new FileInfo(Repository.PathOf($"models/speech/{recorded.GetProperty("audio").GetString()}")))];
        var reversed = await generator.GenerateAsync(files.Reverse());
        for (int i = 0; i < files.Length; i++)
        {
            float[] vector = (await generator.GenerateAsync([files[i]]))[0].Vector.ToArray();
            float[] expected = tensors.Floats($"{cases[i].GetProperty("id").GetString()}/embedding");
            Assert.All(vector.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
            Assert.All(vector.Zip(reversed[files.Length - 1 - i].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    private static JsonElement[] Cases(string model) => [.. JsonDocument.Parse(File.ReadAllBytes(Repository.PathOf($"models/{model}/reference.json"))).RootElement.GetProperty("cases").EnumerateArray()];
}
