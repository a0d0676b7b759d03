using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Tests.Audio;

public sealed class LocalAudioEmbeddingGeneratorTests
{
    private static readonly string[] Files = ["speech-short.wav", "speech-en.wav", "wav-pcm-24-stereo-44100.wav", "len-0.wav", "len-1.wav", "len-399.wav", "silence.wav", "aiff-s8.aiff"];

    public static TheoryData<string> Models => ["wav2vec2-group", "wav2vec2-layer", "hubert", "wavlm", "data2vec-audio", "wav2vec2-bert", "wavlm-xvector", "wav2vec2-xvector", "whisper", "ast", "clap-unfused", "clap-fused"];

    [Theory, MemberData(nameof(Models))]
    public async Task A_sound_has_one_vector_alone_in_a_list_and_shuffled_and_always_a_finite_one(string model)
    {
        using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.Reference($"audio/{model}"));
        DataContent[] sounds = [.. Files.Select(Sound)];
        var together = await generator.GenerateAsync(sounds);
        var reversed = await generator.GenerateAsync(sounds.Reverse());
        for (int i = 0; i < sounds.Length; i++)
        {
            float[] alone = (await generator.GenerateAsync([sounds[i]]))[0].Vector.ToArray();
            Assert.All(alone, value => Assert.True(float.IsFinite(value)));
            // Runs of one thread and of several add up in another order.
            Assert.All(alone.Zip(together[i].Vector.ToArray(), reversed[sounds.Length - 1 - i].Vector.ToArray()), values =>
            {
                Assert.Equal(values.First, values.Second, 1e-5);
                Assert.Equal(values.First, values.Third, 1e-5);
            });
        }

        var space = generator.GetService<EmbeddingSpace>()!;
        Assert.All(together, embedding => Assert.Equal((space.SpaceId, space.Dimensions), (EmbeddingSpace.SpaceIdOf(embedding), embedding.Vector.Length)));
    }

    [Theory, InlineData("clap-unfused"), InlineData("clap-fused")]
    public async Task Texts_of_clap_have_the_recorded_vectors_in_the_space_of_its_sounds(string model)
    {
        string folder = Repository.Reference($"audio/{model}");
        using LocalAudioEmbeddingGenerator sounds = await LocalAudioEmbeddingGenerator.LoadAsync(folder);
        using var texts = (IEmbeddingGenerator<string, Embedding<float>>)new ServiceCollection().AddClapTextEmbeddings(options => options.ModelPath = folder)
            .BuildServiceProvider().GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Equal(sounds.GetService<EmbeddingSpace>()!.SpaceId, texts.GetService<EmbeddingSpace>()!.SpaceId);

        SafeTensors recorded = SafeTensors.Read(Path.Combine(folder, "reference.safetensors"));
        using JsonDocument reference = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "reference.json")));
        JsonElement[] cases = [.. reference.RootElement.GetProperty("cases").EnumerateArray().Where(json => json.TryGetProperty("text", out _))];
        Assert.NotEmpty(cases);
        var embeddings = await texts.GenerateAsync(cases.Select(json => json.GetProperty("text").GetString()!));
        for (int i = 0; i < cases.Length; i++)
            Assert.All(recorded.Floats($"{cases[i].GetProperty("id").GetString()}/text_embeds_normalized").Zip(embeddings[i].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public async Task A_sound_too_long_to_be_heard_as_a_whole_is_an_error_and_not_cut()
    {
        string recorded = Repository.Reference("audio/wav2vec2-layer"), folder = Path.Combine(Path.GetTempPath(), $"polymodal-{Guid.NewGuid():N}");
        try
        {
            // A model of a low rate, so that an hour is few samples.
            Directory.CreateDirectory(Path.Combine(folder, "onnx"));
            foreach (string file in new[] { "config.json", "preprocessor_config.json", "onnx/model.onnx" })
                File.Copy(Path.Combine(recorded, file), Path.Combine(folder, file));
            string preprocessor = Path.Combine(folder, "preprocessor_config.json");
            await File.WriteAllTextAsync(preprocessor, (await File.ReadAllTextAsync(preprocessor)).Replace("16000", "1000", StringComparison.Ordinal));
            using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(folder, new LocalAudioEmbeddingOptions { LongSound = LongSoundHandling.Whole });
            var error = await Assert.ThrowsAsync<InvalidDataException>(() => generator.GenerateAsync([new AudioSamples(new float[360_001], samplingRate: 100)]));
            Assert.Contains("Windows", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Samples_files_and_bytes_of_one_sound_give_one_vector()
    {
        using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.Reference("audio/wav2vec2-layer"));
        string path = RecordedSounds.PathOf("wav-pcm-24-stereo-44100.wav");
        using AudioReader reader = new AudioDecoder().Open(new MemoryStream(File.ReadAllBytes(path)));
        float[] expected = (await generator.GenerateAsync([Sound("wav-pcm-24-stereo-44100.wav")]))[0].Vector.ToArray();
        Assert.Equal(expected, (await generator.GenerateAsync([AudioSamples.ReadAll(reader)]))[0].Vector.ToArray());
        Assert.Equal(expected, (await generator.GenerateAsync([new FileInfo(path)]))[0].Vector.ToArray());
    }

    // One fits a window, the other has many; both are read once.
    [Theory, InlineData("speech-short.wav"), InlineData("speech-31s.wav"), InlineData("wav-pcm-16-stereo-22050.wav"), InlineData("len-0.wav")]
    public async Task A_sound_that_can_be_read_but_once_has_the_vector_of_its_file(string name)
    {
        var options = new LocalAudioEmbeddingOptions { WindowLength = TimeSpan.FromSeconds(1), WindowOverlap = TimeSpan.FromSeconds(0.25) };
        using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.Reference("audio/wav2vec2-group"), options);
        float[] expected = (await generator.GenerateAsync([Sound(name)]))[0].Vector.ToArray();
        using Stream pipe = new ForwardStream(File.ReadAllBytes(RecordedSounds.PathOf(name))), other = File.OpenRead(RecordedSounds.PathOf(name));
        var streamed = await generator.GenerateAsync([pipe, other]);
        Assert.All(streamed, embedding => Assert.Equal(expected, embedding.Vector.ToArray()));
        Assert.True(other.CanRead);
        using FileStream file = File.OpenRead(RecordedSounds.PathOf(name));
        using AudioReader reader = new AudioDecoder().Open(file);
        Assert.Equal(expected, (await generator.GenerateAsync([reader]))[0].Vector.ToArray());
    }

    // Older folders name no kind, newer ones keep it beside the tokenizer's settings.
    [Theory, InlineData("wav2vec2-layer", false), InlineData("wav2vec2-layer", true), InlineData("clap-unfused", true), InlineData("ast", false), InlineData("wav2vec2-bert", false), InlineData("whisper", false)]
    public async Task A_folder_is_heard_as_its_model_type_says_or_its_processor_file(string model, bool inProcessorFile)
    {
        using var folder = new CopiedFolder(Repository.Reference($"audio/{model}"));
        string path = Path.Combine(folder.Path, "preprocessor_config.json");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject();
        if (inProcessorFile)
        {
            File.Delete(path);
            await File.WriteAllTextAsync(Path.Combine(folder.Path, "processor_config.json"), new JsonObject { ["feature_extractor"] = config, ["processor_class"] = "AnyProcessor" }.ToJsonString());
        }
        else
        {
            Assert.True(config.Remove("feature_extractor_type"));
            await File.WriteAllTextAsync(path, config.ToJsonString());
        }

        using LocalAudioEmbeddingGenerator expected = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.Reference($"audio/{model}")), found = await LocalAudioEmbeddingGenerator.LoadAsync(folder.Path);
        Assert.Equal((await expected.GenerateAsync([Sound("speech-en.wav")]))[0].Vector.ToArray(), (await found.GenerateAsync([Sound("speech-en.wav")]))[0].Vector.ToArray());
    }

    [Fact]
    public async Task Windows_come_with_their_times_and_their_mean_is_the_vector_of_the_sound()
    {
        var options = new LocalAudioEmbeddingOptions { WindowLength = TimeSpan.FromSeconds(0.5) };
        using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.Reference("audio/wav2vec2-group"), options);
        var windows = new List<AudioWindowEmbedding>();
        using FileStream stream = File.OpenRead(RecordedSounds.PathOf("speech-de.wav"));
        await foreach (AudioWindowEmbedding window in generator.GenerateWindowsAsync(stream))
            windows.Add(window);
        Assert.Equal([0, 0.5, 1, 1.5], windows.Select(window => window.Start.TotalSeconds));
        Assert.Equal(25_400 / 16_000.0, windows.Sum(window => window.Duration.TotalSeconds), 6);
        float[] whole = (await generator.GenerateAsync([Sound("speech-de.wav")]))[0].Vector.ToArray();
        for (int i = 0; i < whole.Length; i++)
            Assert.Equal(windows.Sum(window => window.Embedding.Vector.Span[i] * window.Duration.TotalSeconds) / windows.Sum(window => window.Duration.TotalSeconds), whole[i], 1e-4);
    }

    [Fact]
    public async Task Pooling_and_layers_are_chosen_and_are_part_of_the_space()
    {
        string folder = Repository.Reference("audio/wav2vec2-layer");
        var spaces = new HashSet<string>();
        foreach ((LocalAudioEmbeddingOptions options, int dimensions) in new (LocalAudioEmbeddingOptions, int)[]
        {
            (new(), 32), (new() { Pooling = AudioPooling.MeanAndDeviation }, 64), (new() { PerLayer = true }, 96), (new() { LayerWeights = [0, 0.5f, 1] }, 32),
        })
        {
            using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(folder, options);
            Assert.Equal(dimensions, (await generator.GenerateAsync([Sound("speech-en.wav")]))[0].Vector.Length);
            Assert.True(spaces.Add(generator.GetService<EmbeddingSpace>()!.SpaceId));
        }

        Assert.Throws<NotSupportedException>(() => LocalAudioModel.Load(Repository.Reference("audio/hubert"), new LocalAudioEmbeddingOptions { PerLayer = true }));
    }

    [Fact]
    public async Task What_is_wrong_with_a_sound_says_which_one_it_is()
    {
        using LocalAudioEmbeddingGenerator generator = await LocalAudioEmbeddingGenerator.LoadAsync(Repository.Reference("audio/hubert"));
        var notFinite = await Assert.ThrowsAsync<InvalidDataException>(() => generator.GenerateAsync([Sound("speech-en.wav"), Sound("float-nan-in-speech.wav")]));
        Assert.StartsWith("sound 1 of 2: the sound holds NaN", notFinite.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<InvalidDataException>(() => generator.GenerateAsync([new DataContent(Array.Empty<byte>(), "audio/wav"), Sound("speech-en.wav")]));
        Assert.StartsWith("sound 0 of 2: the sound has no bytes", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_framework_is_registered_by_one_line_and_found_by_media_type()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddHubertAudioEmbeddings(options => options.ModelPath = Repository.Reference("audio/hubert"))
            .AddWav2Vec2AudioEmbeddings(options => options.ModelPath = Repository.Reference("audio/wav2vec2-group"))
            .BuildServiceProvider();
        EmbeddingFramework[] frameworks = [.. services.GetServices<EmbeddingFramework>()];
        Assert.Equal(["hubert", "wav2vec2"], frameworks.Select(framework => framework.Name));
        Assert.All(frameworks, framework => Assert.True(framework.Detect().IsAvailable && framework.Takes("audio/wav")));
        Assert.NotNull(services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>());
    }

    private static DataContent Sound(string file) => new(File.ReadAllBytes(RecordedSounds.PathOf(file)), "audio/wav");
}
