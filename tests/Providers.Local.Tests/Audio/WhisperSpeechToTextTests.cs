using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Transcription;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Tests.Audio;

/// <summary>Speech to text as users register and call it.</summary>
public sealed class WhisperSpeechToTextTests
{
    private static readonly string English = Repository.PathOf("models/whisper-tiny.en"), Multilingual = Repository.Reference("audio/whisper");

    [Fact]
    public async Task A_registered_client_transcribes_and_is_one_object_with_and_without_its_key()
    {
        await using ServiceProvider provider = new ServiceCollection().AddWhisperSpeechToText(o => o.ModelPath = English).BuildServiceProvider();
        ISpeechToTextClient client = provider.GetRequiredService<ISpeechToTextClient>();
        Assert.Same(client, provider.GetRequiredKeyedService<ISpeechToTextClient>("whisper"));
        using FileStream stream = File.OpenRead(Repository.PathOf("models/speech/flite-rms-03.wav"));
        SpeechToTextResponse response = await client.GetTextAsync(stream);
        Assert.Contains("kitchen lights", response.Text, StringComparison.Ordinal);
        Assert.True(response.EndTime > TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Of_two_models_the_last_is_the_one_without_a_key()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddWhisperSpeechToText("languages", o => o.ModelPath = Multilingual).AddWhisperSpeechToText("english", o => o.ModelPath = English).BuildServiceProvider();
        Assert.Same(provider.GetRequiredKeyedService<ISpeechToTextClient>("english"), provider.GetRequiredService<ISpeechToTextClient>());
        Assert.NotSame(provider.GetRequiredKeyedService<ISpeechToTextClient>("languages"), provider.GetRequiredService<ISpeechToTextClient>());
    }

    [Fact]
    public void The_language_is_the_likeliest_of_its_tokens_after_the_first_of_the_prompt()
    {
        using WhisperSpeechToTextClient client = WhisperSpeechToTextClient.Load(Multilingual);
        float[] sound = Sound(RecordedSounds.PathOf("speech-en.wav"));
        var folder = new ModelFolder(Multilingual);
        var tokens = new WhisperTokens(folder);
        using WhisperDecoder decoder = WhisperDecoder.Load(folder, new());
        WhisperTrace trace = client.Trace(sound);
        using WhisperDecoder.Session session = decoder.Begin(trace.Frames, [1, trace.Frames.Length / trace.Hidden, trace.Hidden], default);
        float[] logits = [];
        session.Start([tokens.Start], ref logits);
        Assert.Equal(tokens.Languages.Values.MaxBy(token => logits[token]), (int)trace.Prompt[1]);
        Assert.Equal(tokens.Language("de-AT"), (int)client.Trace(sound, language: "de-AT").Prompt[1]);
        Assert.Contains("'xx'", Assert.Throws<NotSupportedException>(() => client.Trace(sound, language: "xx")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merged_decoder_and_two_files_say_the_same()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"polymodal-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "onnx"));
            foreach (string file in Directory.GetFiles(Multilingual, "*", SearchOption.AllDirectories).Where(file => !file.Contains("merged", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(folder, Path.GetRelativePath(Multilingual, file)));
            float[] sound = Sound(RecordedSounds.PathOf("speech-de.wav"));
            using WhisperSpeechToTextClient merged = WhisperSpeechToTextClient.Load(Multilingual), separate = WhisperSpeechToTextClient.Load(folder);
            int[] expected = merged.Trace(sound, language: "en").Tokens;
            Assert.NotEmpty(expected);
            Assert.Equal(expected, separate.Trace(sound, language: "en").Tokens);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // This model of random weights says the unlikely, so that other temperatures are tried; the chance is the same each time.
    [Fact]
    public async Task What_is_drawn_by_chance_is_the_same_each_time()
    {
        using WhisperSpeechToTextClient client = WhisperSpeechToTextClient.Load(Multilingual);
        var texts = new HashSet<string>();
        for (int i = 0; i < 2; i++)
        {
            using FileStream stream = File.OpenRead(RecordedSounds.PathOf("speech-en.wav"));
            texts.Add((await client.GetTextAsync(stream, new SpeechToTextOptions { SpeechLanguage = "en" })).Text);
        }

        Assert.Single(texts);
        Assert.NotEqual(texts.Single(), client.Trace(Sound(RecordedSounds.PathOf("speech-en.wav")), language: "en").Text.Trim());
    }

    private static float[] Sound(string path)
    {
        using FileStream stream = File.OpenRead(path);
        using AudioReader reader = new AudioDecoder().Open(stream);
        return AudioSamples.ReadAll(reader).Samples.ToArray();
    }
}
