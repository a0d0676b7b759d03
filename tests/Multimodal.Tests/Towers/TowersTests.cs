using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Multimodal.Tests.Towers;

/// <summary>A folder of three towers, put together from towers of other models: all that matters here is that one folder declares them.</summary>
public sealed class TowersTests : IDisposable
{
    private const int Dimensions = 24;

    private readonly string _root = Path.Combine(Path.GetTempPath(), $"towers-{Guid.NewGuid():n}");

    public TowersTests()
    {
        Copy("image/siglip", "image");
        Copy("audio/clap-unfused", "audio");
        Copy("audio/clap-unfused", "text");
        Manifest("""{ "license": "CC-BY-NC-4.0", "towers": { "text": { "path": "text" }, "image": { "path": "image", "logit_scale": 100 }, "audio": { "path": "audio" } } }""");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Three_towers_are_one_space_and_their_licence_is_shown()
    {
        await using ServiceProvider services = new ServiceCollection().AddTowersEmbeddings(options => options.ModelPath = _root).BuildServiceProvider();
        EmbeddingFramework[] frameworks = [.. services.GetServices<EmbeddingFramework>()];
        Assert.Equal(["towers-text", "towers-image", "towers-audio"], frameworks.Select(framework => framework.Name));
        Assert.All(frameworks, framework =>
        {
            FrameworkAvailability found = framework.Detect();
            Assert.True(found.IsAvailable, found.Reason);
            Assert.Contains("licence CC-BY-NC-4.0", found.Reason, StringComparison.Ordinal);
        });

        var texts = services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("towers-text");
        var pictures = services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("towers-image");
        var sounds = services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("towers-audio");
        Embedding<float>[] vectors =
        [
            (await texts.GenerateAsync(["the sound of a bell"]))[0],
            (await pictures.GenerateAsync([new DataContent(await File.ReadAllBytesAsync(Repository.Reference("media/images/photo-chelsea-160x107.png")), "image/png")]))[0],
            (await sounds.GenerateAsync([new DataContent(await File.ReadAllBytesAsync(Repository.Reference("media/audio/bell-48k.wav")), "audio/wav")]))[0],
        ];
        string space = Assert.Single(vectors.Select(EmbeddingSpace.SpaceIdOf).Distinct())!;
        Assert.StartsWith(Path.GetFileName(_root), space, StringComparison.Ordinal);
        Assert.All(vectors, vector => Assert.Equal(Dimensions, vector.Vector.Length));
        Assert.InRange(Similarity.Of(vectors[0], vectors[1]), -1, 1);
        Assert.Equal(100, pictures.GetService<ContrastiveScale>()!.Scale);
        Assert.Equal(14.285714, sounds.GetService<ContrastiveScale>()!.Scale, 5);

        ZeroShotClassifier<DataContent> classifier = await ZeroShotClassifier.CreateAsync(["bell", "siren"], texts, sounds);
        ZeroShotResult heard = (await classifier.ClassifyAsync([new DataContent(await File.ReadAllBytesAsync(Repository.Reference("media/audio/bell-48k.wav")), "audio/wav")]))[0];
        Assert.Equal(1, heard.Classes.Sum(found => found.Probability), 9);
    }

    [Fact]
    public void A_changed_tower_is_another_space_and_a_changed_licence_is_not()
    {
        string before = SpaceOfSounds();
        Manifest("""{ "license": "MIT", "towers": { "text": { "path": "text" }, "image": { "path": "image" }, "audio": { "path": "audio" } } }""");
        Assert.Equal(before, SpaceOfSounds());
        File.AppendAllText(Path.Combine(_root, "image", "config.json"), "\n");
        Assert.NotEqual(before, SpaceOfSounds());
    }

    [Fact]
    public void The_scale_is_that_of_the_weights_before_that_of_the_graph_before_that_of_the_configuration()
    {
        Manifest("""{ "license": "MIT", "towers": { "image": { "path": "image" }, "audio": { "path": "audio" } } }""");
        (double Scale, double? Bias, string Source) Read()
        {
            using var model = Polymodal.Providers.Local.Images.LocalImageModel.Load(_root);
            ContrastiveScale scale = model.Scale!;
            return (scale.Scale, scale.Bias, scale.Source);
        }

        Assert.Equal((4.481689, -2.0, "model.onnx"), (Math.Round(Read().Scale, 6), Read().Bias, Read().Source));
        using (FileStream file = File.Create(Path.Combine(_root, "image", "model.safetensors")))
            SafeTensors.Write(file, new Dictionary<string, (int[], double[])> { ["logit_scale"] = ([1], [Math.Log(50)]), ["logit_bias"] = ([], [-3]) }, new Dictionary<string, string>());
        Assert.Equal((50.0, -3.0, "model.safetensors"), (Math.Round(Read().Scale, 4), Read().Bias, Read().Source));
        using var sounds = Polymodal.Providers.Local.Audio.LocalAudioModel.Load(_root);
        Assert.Contains("what training began with", sounds.Scale!.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "towers": { "text": { "path": "text" } } }""", "license is missing")]
    [InlineData("""{ "license": "MIT" }""", "towers is missing")]
    [InlineData("""{ "license": "MIT", "towers": { "audio": { "path": "../elsewhere" } } }""", "towers.audio.path is '../elsewhere'")]
    [InlineData("""{ "license": "MIT", "towers": { "audio": { "path": "gone" } } }""", "no folder")]
    [InlineData("""{ "license": "MIT", "towers": { "smell": { "path": "text" } } }""", "supported: text, image, audio")]
    [InlineData("""{ "license": "MIT", "towers": { "text": { "path": "text" } } }""", "no tower of kind 'audio'")]
    [InlineData("""{ "license": """, "Mend the manifest")]
    public void A_faulty_manifest_says_what_is_wrong(string manifest, string message)
    {
        Manifest(manifest);
        Exception exception = Assert.ThrowsAny<Exception>(() => SpaceOfSounds());
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    private string SpaceOfSounds()
    {
        using var model = Polymodal.Providers.Local.Audio.LocalAudioModel.Load(_root);
        return model.Space.SpaceId;
    }

    private void Manifest(string text) => File.WriteAllText(Path.Combine(_root, "towers.json"), text);

    private void Copy(string reference, string tower)
    {
        string from = Repository.Reference(reference);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith("reference", StringComparison.Ordinal) && !file.Contains("processor-style", StringComparison.Ordinal)))
        {
            string to = Path.Combine(_root, tower, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }
}
