using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Multimodal.Tests;

public class MultimodalEmbeddingGeneratorTests
{
    [Fact]
    public async Task A_mixed_list_comes_back_in_its_order_with_one_call_a_framework()
    {
        await using var frameworks = new Frameworks();
        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync(
            ["a text", Fake.Media("image/png", 2), "", Fake.Media("audio/wav", 9), Fake.TextFile("a file"), Fake.Media("IMAGE/JPEG", 7), new TextContent("🙂")]);

        Assert.Equal([[3, 6], [2, 4], [3, 0], [9, -1], [3, 6], [7, 4], [3, 2]], Frameworks.Numbers(vectors));
        Assert.Equal(["texts", "pictures", "texts", "sounds", "texts", "pictures", "texts"], vectors.Select(EmbeddingSpace.SpaceIdOf));
        Assert.Equal(["a text", "", "a file", "🙂"], Assert.Single(frameworks.Texts.Calls));
        Assert.Single(frameworks.Pictures.Calls);
        Assert.Single(frameworks.Sounds.Calls);
    }

    [Fact]
    public async Task Usage_is_summed_and_told_by_route()
    {
        await using var frameworks = new Frameworks();
        GeneratedEmbeddings<Embedding<float>> vectors = await frameworks.Generator.GenerateAsync(["a", Fake.Media("image/png", 2), Fake.Media("audio/wav", 9)]);

        Assert.Equal(12, vectors.Usage?.InputTokenCount);
        var byRoute = (IReadOnlyDictionary<string, UsageDetails>)vectors.AdditionalProperties![MultimodalEmbeddingGenerator.UsageByRouteKey]!;
        Assert.Equal([("clip", 7), ("minilm", 5)], byRoute.Select(pair => (pair.Key, pair.Value.InputTokenCount)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Null((await frameworks.Generator.GenerateAsync([Fake.Media("audio/wav")])).Usage);
    }

    [Fact]
    public async Task It_is_what_the_container_gives_for_every_kind_of_input_and_for_the_alias()
    {
        await using var frameworks = new Frameworks();
        object[] all =
        [
            frameworks.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(), frameworks.Services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>(),
            frameworks.Services.GetRequiredService<IEmbeddingGenerator<AIContent, Embedding<float>>>(), frameworks.Services.GetRequiredService<IEmbeddingGenerator>(),
        ];
        Assert.All(all, one => Assert.Same(frameworks.Generator, one));
        Assert.Equal([[3, 4]], Frameworks.Numbers(await ((IEmbeddingGenerator<string, Embedding<float>>)all[0]).GenerateAsync(["four"])));
        Assert.Equal([[8, 4]], Frameworks.Numbers(await ((IEmbeddingGenerator<DataContent, Embedding<float>>)all[1]).GenerateAsync([Fake.Media("image/png", 8)])));
        Assert.Equal([[3, 4], [8, 4]], Frameworks.Numbers(await ((IEmbeddingGenerator<AIContent, Embedding<float>>)all[2]).GenerateAsync([new TextContent("four"), Fake.Media("image/png", 8)])));
        Assert.Equal([[3, 4]], Frameworks.Numbers([await ((IEmbeddingGenerator<string, Embedding<float>>)all[0]).GenerateQueryAsync("four")]));
    }

    [Fact]
    public async Task A_framework_that_by_its_type_would_take_everything_gets_only_its_media_types()
    {
        // By contravariance a generator of AIContent is one of DataContent and of any content: its type says nothing about what it is for.
        var greedy = new FakeGenerator<AIContent>(content => content is DataContent data && data.MediaType.StartsWith("audio/", StringComparison.Ordinal) ? [99, data.Data.Span[0]] : throw new InvalidOperationException("not a sound"));
        Assert.IsAssignableFrom<IEmbeddingGenerator<DataContent, Embedding<float>>>(greedy);
        await using var frameworks = new Frameworks(more: services => services.AddEmbeddingFramework(Fake.Framework("greedy", EmbeddingModality.Audio, "audio/*"), _ => (IEmbeddingGenerator<DataContent, Embedding<float>>)greedy));

        Assert.Equal([[2, 4], [99, 9], [3, 1], [3, 2]], Frameworks.Numbers(await frameworks.Generator.GenerateAsync([Fake.Media("image/png", 2), Fake.Media("audio/wav", 9), "t", Fake.TextFile("tt")])));
        Assert.Empty(frameworks.Sounds.Calls);
    }

    [Fact]
    public async Task Named_frameworks_are_the_only_ones_and_a_name_that_is_not_there_is_an_error_that_lists_those_that_are()
    {
        await using var frameworks = new Frameworks(m => m.Text("minilm").Image("clip"));
        Assert.Equal(["minilm", "clip"], frameworks.Generator.Routes.Select(route => route.Name));
        var error = await Assert.ThrowsAsync<ArgumentException>("values", () => frameworks.Generator.GenerateAsync(["a", Fake.Media("audio/wav")]));
        Assert.StartsWith("input 1 is audio/wav; no route takes it (routes: minilm for text/* application/json, clip for image/*).", error.Message, StringComparison.Ordinal);
        Assert.Contains("Route.Audio", error.Message, StringComparison.Ordinal);
        Assert.Empty(frameworks.Texts.Calls);

        Assert.Contains("'bert' is not registered; registered for Text: minilm", Assert.Throws<ArgumentException>(() => new Frameworks(m => m.Text("bert"))).Message, StringComparison.Ordinal);
        Assert.Contains("'clip' is a framework of Image; registered for Text: minilm", Assert.Throws<ArgumentException>(() => new Frameworks(m => m.Text("clip"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_routes_that_take_an_input_the_intent_then_the_name_decides_and_else_the_last()
    {
        FakeGenerator<string> queries = new(_ => [1]), clip = new(_ => [2]);
        await using var frameworks = new Frameworks(
            m => m.Text("clip-text").Text("minilm").Text("queries", EmbeddingIntent.Query),
            services => services.AddEmbeddingFramework(Fake.Framework("queries", EmbeddingModality.Text, "text/*"), _ => queries).AddEmbeddingFramework(Fake.Framework("clip-text", EmbeddingModality.Text, "text/*"), _ => clip));
        MultimodalEmbeddingGenerator generator = frameworks.Generator;
        EmbeddingGenerationOptions query = default(EmbeddingGenerationOptions).WithIntent(EmbeddingIntent.Query), document = default(EmbeddingGenerationOptions).WithIntent(EmbeddingIntent.Document);

        Assert.Equal([[3, 1]], Frameworks.Numbers([await generator.GenerateAsync("a")]));
        Assert.Equal([[3, 1]], Frameworks.Numbers([await generator.GenerateAsync("a", document)]));
        Assert.Equal([[1]], Frameworks.Numbers([await generator.GenerateAsync("a", query)]));
        Assert.Equal([[2]], Frameworks.Numbers([await generator.GenerateAsync("a", query.WithRoutes("clip-text"))]));
        Assert.Contains("'nobody'", (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync("a", document.WithRoutes("nobody")))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_for_one_intent_alone_is_not_used_for_others()
    {
        using var generator = new MultimodalEmbeddingGenerator([Route.Text("queries", new FakeGenerator<string>(_ => [1]), EmbeddingIntent.Query)]);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync("a"));
        Assert.Contains("for the intent none; routes that take it are for others (queries for Query)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_told_by_their_ending_and_else_by_their_bytes()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string text = Path.Combine(folder, "note.txt"), picture = Path.Combine(folder, "picture.png"), unnamed = Path.Combine(folder, "recording"), other = Path.Combine(folder, "data.bin");
            await File.WriteAllTextAsync(text, "Grüße", Encoding.UTF8);
            await File.WriteAllBytesAsync(picture, [5]);
            await File.WriteAllBytesAsync(unnamed, [.. "RIFF\0\0\0\0WAVE"u8]);
            await File.WriteAllBytesAsync(other, [0]);
            await using var frameworks = new Frameworks();

            Assert.Equal([[3, 5], [5, 4], ['R', -1]], Frameworks.Numbers(await frameworks.Generator.GenerateFromFilesAsync([text, picture, unnamed])));
            Assert.Equal([[5, 4]], Frameworks.Numbers([await frameworks.Generator.GenerateAsync(new FileInfo(picture))]));
            Assert.Contains("application/octet-stream; no route takes it", (await Assert.ThrowsAsync<ArgumentException>(() => frameworks.Generator.GenerateFromFileAsync(other))).Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<FileNotFoundException>(() => frameworks.Generator.GenerateFromFileAsync(Path.Combine(folder, "none.png")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Bytes_of_pictures_and_sounds_need_no_media_type()
    {
        byte[] png = [0x89, .. "PNG\r\n"u8], wave = [.. "RIFF\0\0\0\0WAVE"u8];
        await using var frameworks = new Frameworks();
        Assert.Equal([[0x89, 4]], Frameworks.Numbers([await frameworks.Generator.GeneratePictureAsync(png)]));
        Assert.Equal([['R', -1]], Frameworks.Numbers([await frameworks.Generator.GenerateSoundAsync(wave)]));
        Assert.Equal([[0x89, 4], [1, 4]], Frameworks.Numbers(await frameworks.Generator.GeneratePicturesAsync([png, new byte[] { 1 }])));
        Assert.Equal(2, (await frameworks.Generator.GenerateSoundsAsync([wave, wave])).Count);
        Assert.Equal(["image/png", "image/png", "image/*"], frameworks.Pictures.Calls.SelectMany(call => call).Select(picture => picture.MediaType));
    }

    [Fact]
    public async Task What_cannot_be_embedded_is_named_with_its_place()
    {
        await using var frameworks = new Frameworks();
        Assert.Contains("input 1 is null", (await Assert.ThrowsAsync<ArgumentNullException>(() => frameworks.Generator.GenerateAsync(["a", null!]))).Message, StringComparison.Ordinal);
        Assert.Contains("input 0 is null", (await Assert.ThrowsAsync<ArgumentNullException>(() => frameworks.Generator.GenerateAsync(new AIContent[] { null! }))).Message, StringComparison.Ordinal);
        Assert.Contains("input 1 is the address of image/png", (await Assert.ThrowsAsync<ArgumentException>(() => frameworks.Generator.GenerateAsync(new AIContent[] { new TextContent("a"), new UriContent("https://example.org/a.png", "image/png") }))).Message, StringComparison.Ordinal);
        Assert.Contains("input 0 is a ErrorContent", (await Assert.ThrowsAsync<ArgumentException>(() => frameworks.Generator.GenerateAsync(new AIContent[] { new ErrorContent("no") }))).Message, StringComparison.Ordinal);
        Assert.Empty(await frameworks.Generator.GenerateAsync(Array.Empty<AIContent>()));
    }

    [Fact]
    public async Task It_has_no_space_but_says_those_of_its_routes()
    {
        await using var frameworks = new Frameworks();
        Assert.Null(frameworks.Generator.GetService<EmbeddingSpace>());
        Assert.Equal("texts", frameworks.Generator.GetService<EmbeddingSpace>(EmbeddingModality.Text)?.SpaceId);
        Assert.Equal("pictures", frameworks.Generator.GetService<EmbeddingSpace>("clip")?.SpaceId);
        Assert.Null(frameworks.Generator.GetService<EmbeddingSpace>(EmbeddingModality.Video));
        Assert.Same(frameworks.Generator, frameworks.Generator.GetService<MultimodalEmbeddingGenerator>());
        Assert.NotNull(frameworks.Generator.GetService<EmbeddingGeneratorMetadata>());
    }

    [Fact]
    public async Task A_vector_without_a_space_gets_that_of_its_framework_or_one_of_its_routes_own()
    {
        var shared = new Embedding<float>(new float[] { 1, 2 });
        var unstamped = new CachedGenerator(shared);
        using var generator = new MultimodalEmbeddingGenerator([Route.Text("mine", unstamped)]);
        Assert.Equal("mine/unnamed/2", EmbeddingSpace.SpaceIdOf(await generator.GenerateAsync("a")));
        Assert.Null(shared.AdditionalProperties); // it is the cache's
    }

    [Fact]
    public async Task The_container_may_dispose_it_as_often_as_it_likes_and_owns_the_frameworks()
    {
        var frameworks = new Frameworks();
        await frameworks.Generator.GenerateAsync(["a", Fake.Media("image/png")]);
        foreach (Type service in new[] { typeof(IEmbeddingGenerator<string, Embedding<float>>), typeof(IEmbeddingGenerator<DataContent, Embedding<float>>), typeof(IEmbeddingGenerator<AIContent, Embedding<float>>), typeof(IEmbeddingGenerator) })
            Assert.Same(frameworks.Generator, frameworks.Services.GetRequiredService(service));

        frameworks.Generator.Dispose();
        Assert.Equal(0, frameworks.Texts.Disposals);
        Assert.Equal([[3, 1]], Frameworks.Numbers([await frameworks.Generator.GenerateAsync("a")]));
        await frameworks.DisposeAsync();
        await frameworks.DisposeAsync();
        Assert.Equal((1, 1, 0), (frameworks.Texts.Disposals, frameworks.Pictures.Disposals, frameworks.Sounds.Disposals));
    }

    [Fact]
    public async Task Cancellation_reaches_every_route()
    {
        WaitingGenerator<string> texts = new();
        WaitingGenerator<DataContent> pictures = new(), sounds = new();
        using var generator = new MultimodalEmbeddingGenerator([Route.Text("a", texts), Route.Image("b", pictures), Route.Audio("c", sounds)]);
        foreach (bool each in new[] { false, true })
        {
            using var source = new CancellationTokenSource();
            MultimodalInput[] inputs = ["a", Fake.Media("image/png"), Fake.Media("audio/wav")];
            Task call = each ? generator.GenerateEachAsync(inputs, cancellationToken: source.Token) : generator.GenerateAsync(inputs, cancellationToken: source.Token);
            await Task.WhenAll(texts.Started, pictures.Started, sounds.Started).WaitAsync(TimeSpan.FromMinutes(1));
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            Assert.True(texts.WasCancelled && pictures.WasCancelled && sounds.WasCancelled);
        }
    }

    [Fact]
    public void Routes_need_names_of_their_own()
    {
        Assert.Throws<ArgumentException>(() => new MultimodalEmbeddingGenerator([]));
        Assert.Throws<ArgumentNullException>(() => new MultimodalEmbeddingGenerator(null!));
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => new MultimodalEmbeddingGenerator([Route.Text("a", Fake.TextGenerator()), Route.Text("a", Fake.TextGenerator())])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Route.Text(" ", Fake.TextGenerator()));
        Assert.Contains("no routes", Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMultimodalEmbeddings().BuildServiceProvider().GetRequiredService<MultimodalEmbeddingGenerator>()).Message, StringComparison.Ordinal);
    }

    private sealed class CachedGenerator(Embedding<float> vector) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(_ => vector)));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
