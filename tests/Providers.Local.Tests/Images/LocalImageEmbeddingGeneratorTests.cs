using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.Scheduling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Images;

/// <summary>What who embeds pictures relies on.</summary>
public sealed class LocalImageEmbeddingGeneratorTests
{
    private static readonly string[] Files = ["photo-chelsea-160x107.png", "png/size-100x300.png", "png/rgb8-exif-6.png", "photo-flower.jpg", "png/1x1-rgb.png"];

    private static IEnumerable<DataContent> Pictures => Files.Where(file => File.Exists(Path.Combine(RecordedPictures.Folder, file))).Select(file => new DataContent(RecordedPictures.Bytes(file), "image/*"));

    [Fact]
    public async Task A_picture_alone_in_a_list_and_from_many_callers_gives_the_same_vector()
    {
        using var generator = await LocalImageEmbeddingGenerator.LoadAsync(Repository.Reference("image/vit"), new() { PicturesPerRun = 3 });
        DataContent[] pictures = [.. Pictures];
        GeneratedEmbeddings<Embedding<float>> together = await generator.GenerateAsync(pictures);
        Embedding<float>[][] alone = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await Task.WhenAll(pictures.Select(async picture => (await generator.GenerateAsync([picture]))[0]))));
        foreach (Embedding<float>[] caller in alone)
        {
            for (int i = 0; i < pictures.Length; i++)
                Assert.InRange(TensorPrimitives.Distance(caller[i].Vector.Span, together[i].Vector.Span), 0, 1e-4f);
        }

        Assert.True(Assert.IsType<CallStatistics>(together.AdditionalProperties![LocalImageEmbeddingGenerator.StatisticsKey]).Runs > 0);
    }

    [Theory, InlineData("clip"), InlineData("open-clip"), InlineData("siglip"), InlineData("clip-sentence-transformers")]
    public void Both_towers_of_a_folder_share_a_space(string folder)
    {
        using LocalImageModel pictures = LocalImageModel.Load(Repository.Reference($"image/{folder}"));
        using LocalTextModel texts = LocalTextModel.Load(Repository.Reference($"image/{folder}"));
        Assert.Equal(pictures.Space.SpaceId, texts.Space.SpaceId);
        Assert.NotEqual(pictures.Space.Fingerprint, texts.Space.Fingerprint);
    }

    [Fact]
    public async Task Registered_towers_answer_for_their_kind_of_input()
    {
        await using ServiceProvider services = new ServiceCollection().AddClipEmbeddings(options => options.ModelPath = Repository.Reference("image/clip")).BuildServiceProvider();
        var pictures = services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();
        var texts = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Embedding<float> picture = await pictures.GenerateAsync(new DataContent(RecordedPictures.Bytes("photo-flower.jpg"), "image/jpeg")), text = await texts.GenerateAsync("a photo of a flower");
        Assert.InRange(TensorPrimitives.Dot(picture.Vector.Span, text.Vector.Span), -1.0001f, 1.0001f);
        Assert.Equal(1, TensorPrimitives.Norm(picture.Vector.Span), 1e-4f);
        Assert.All(services.GetServices<EmbeddingFramework>(), framework => Assert.True(framework.Detect().IsAvailable, framework.Detect().Reason));
    }

    [Fact]
    public async Task The_classifier_that_ships_sees_a_cat()
    {
        await using ServiceProvider services = new ServiceCollection().AddTimmImageEmbeddings().BuildServiceProvider();
        var generator = services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("timm");
        LocalImageModel model = generator.GetService<LocalImageModel>()!;
        IReadOnlyList<ImageClass> classes = (await model.ClassifyAsync([await File.ReadAllBytesAsync(Repository.PathOf("models/media/photos/cat.jpg"))], top: 3))[0];
        Assert.Contains(classes, found => found.Name.Contains("cat", StringComparison.OrdinalIgnoreCase));
        Assert.True(classes[0].Probability >= classes[1].Probability);
        Assert.Equal(1280, (await generator.GenerateFromFileAsync(Repository.PathOf("models/media/photos/cat.jpg"))).Vector.Length);
    }

    [Theory, InlineData(ImagePooling.Cls), InlineData(ImagePooling.PatchMean), InlineData(ImagePooling.TokenMean), InlineData(ImagePooling.Pooler), InlineData(ImagePooling.GlobalMax), InlineData(ImagePooling.AttentionWeighted)]
    public async Task A_pooling_that_was_chosen_is_part_of_the_space(ImagePooling pooling)
    {
        using var generator = await LocalImageEmbeddingGenerator.LoadAsync(Repository.Reference("image/dinov2-with-registers"), new() { Pooling = pooling });
        Assert.EndsWith($"/{pooling.ToString().ToLowerInvariant()}", generator.GetService<EmbeddingSpace>()!.SpaceId, StringComparison.Ordinal);
        Assert.True(TensorPrimitives.Norm((await generator.GenerateAsync(Pictures.First())).Vector.Span) > 0);
    }

    [Fact]
    public async Task Pixels_bytes_streams_files_and_addresses_give_one_vector()
    {
        string file = Path.Combine(RecordedPictures.Folder, "photo-chelsea-160x107.png");
        byte[] bytes = await File.ReadAllBytesAsync(file);
        PixelBuffer pixels = ImageDecoder.Default.Decode(bytes, new());
        using var generator = await LocalImageEmbeddingGenerator.LoadAsync(Repository.Reference("image/resnet"));
        float[] expected = (await generator.GenerateFromBytesAsync(bytes)).Vector.ToArray();
        using var stream = new MemoryStream(bytes);
        Assert.Equal(expected, (await generator.GenerateFromFileAsync(file)).Vector.ToArray());
        Assert.Equal(expected, (await generator.GenerateFromStreamAsync(stream)).Vector.ToArray());
        Assert.Equal(expected, (await generator.GenerateFromUriAsync(new Uri(file))).Vector.ToArray());
        Assert.Equal(expected, (await generator.GenerateFromUriAsync(new Uri($"data:image/png;base64,{Convert.ToBase64String(bytes)}"))).Vector.ToArray());
        Assert.Equal(expected, (await generator.GenerateAsync([pixels]))[0].Vector.ToArray());
        await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateFromUriAsync(new Uri("https://example.com/cat.jpg")));
    }

    [Fact]
    public async Task A_broken_picture_among_good_ones_is_named_by_its_place()
    {
        using var generator = await LocalImageEmbeddingGenerator.LoadAsync(Repository.Reference("image/resnet"));
        DataContent[] pictures = [.. Pictures.Take(2), new DataContent(new byte[] { 1, 2, 3 }, "image/png")];
        Assert.Contains("picture 2 of 3", (await Assert.ThrowsAsync<InvalidDataException>(() => generator.GenerateAsync(pictures))).Message, StringComparison.Ordinal);
        generator.Dispose();
        generator.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GenerateAsync(pictures));
    }

    [Theory, InlineData("clip"), InlineData("siglip"), InlineData("open-clip")]
    public async Task One_graph_of_both_towers_gives_the_pictures_that_the_tower_alone_gives(string folder)
    {
        string alone = Repository.Reference($"image/{folder}");
        using var joint = new JointFolder(alone);
        using LocalImageEmbeddingGenerator tower = await LocalImageEmbeddingGenerator.LoadAsync(alone), both = await LocalImageEmbeddingGenerator.LoadAsync(joint.Path);
        DataContent[] pictures = [.. Pictures];
        GeneratedEmbeddings<Embedding<float>> expected = await tower.GenerateAsync(pictures), found = await both.GenerateAsync(pictures);
        for (int i = 0; i < pictures.Length; i++)
            Assert.InRange(TensorPrimitives.Distance(expected[i].Vector.Span, found[i].Vector.Span), 0, 1e-4f);
    }

    [Theory, InlineData("clip"), InlineData("siglip")]
    public async Task One_graph_of_both_towers_gives_the_texts_that_the_tower_alone_gives(string folder)
    {
        string alone = Repository.Reference($"image/{folder}");
        using var joint = new JointFolder(alone);
        using LocalTextEmbeddingGenerator tower = await LocalTextEmbeddingGenerator.LoadAsync(alone), both = await LocalTextEmbeddingGenerator.LoadAsync(joint.Path);
        using LocalImageModel pictures = LocalImageModel.Load(joint.Path);
        Assert.Equal(pictures.Space.SpaceId, both.GetService<EmbeddingSpace>()!.SpaceId);
        foreach (string text in new[] { "a photo of a cat", "" })
        {
            Embedding<float> expected = await tower.GenerateAsync(text), found = await both.GenerateAsync(text);
            Assert.InRange(TensorPrimitives.Distance(expected.Vector.Span, found.Vector.Span), 0, 1e-4f);
        }
    }

    [Fact]
    public async Task Patches_come_as_a_grid_whose_mean_is_the_pooling_of_that_name()
    {
        string folder = Repository.Reference("image/dinov2-with-registers");
        byte[] file = RecordedPictures.Bytes(Files[0]);
        using LocalImageModel model = LocalImageModel.Load(folder);
        using var mean = await LocalImageEmbeddingGenerator.LoadAsync(folder, new() { Pooling = ImagePooling.PatchMean });
        ImagePatches patches = await model.PatchesAsync(file);
        Assert.Equal(patches.Rows, patches.Columns);
        float[] sum = new float[patches.Dimensions];
        for (int row = 0; row < patches.Rows; row++)
        {
            for (int column = 0; column < patches.Columns; column++)
                TensorPrimitives.Add(sum, patches[row, column].Span, sum);
        }

        TensorPrimitives.Divide(sum, patches.Rows * patches.Columns, sum);
        Embedding<float> expected = await mean.GenerateFromBytesAsync(file);
        Assert.InRange(TensorPrimitives.Distance(sum, expected.Vector.Span), 0, 1e-3f);
        Assert.Throws<ArgumentOutOfRangeException>(() => patches[patches.Rows, 0]);
        using LocalImageModel map = LocalImageModel.Load(Repository.Reference("image/resnet"));
        Assert.Equal(7, (await map.PatchesAsync(file)).Rows);
    }

    [Fact]
    public void Layers_that_a_graph_has_not_are_refused() =>
        Assert.Contains("output_hidden_states", Assert.Throws<NotSupportedException>(() => LocalImageModel.Load(Repository.Reference("image/vit"), new() { PerLayer = true })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pooling_that_a_graph_cannot_give_is_refused_with_what_it_has()
    {
        string message = Assert.Throws<NotSupportedException>(() => LocalImageModel.Load(Repository.Reference("image/resnet"), new() { Pooling = ImagePooling.Cls })).Message;
        Assert.Contains("class token", message, StringComparison.Ordinal);
    }

    // The folder without the towers' own graphs.
    private sealed class JointFolder : IDisposable
    {
        private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("joint");

        public JointFolder(string source)
        {
            Path = System.IO.Path.Combine(_parent.FullName, System.IO.Path.GetFileName(source));
            foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                string target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                if (System.IO.Path.GetFileName(file) is not ("text_model.onnx" or "vision_model.onnx"))
                    File.Copy(file, target);
            }
        }

        public string Path { get; }

        public void Dispose() => _parent.Delete(recursive: true);
    }
}
