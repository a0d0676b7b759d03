using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using MediaEmbedder = Microsoft.Extensions.AI.IEmbeddingGenerator<Microsoft.Extensions.AI.DataContent, Microsoft.Extensions.AI.Embedding<float>>;
using TextEmbedder = Microsoft.Extensions.AI.IEmbeddingGenerator<string, Microsoft.Extensions.AI.Embedding<float>>;

namespace Polymodal.Tests;

public class EmbeddingFrameworkServiceCollectionExtensionsTests
{
    /// <summary>Every order of registering two text frameworks, one of pictures and one of sounds.</summary>
    public static TheoryData<string> Orders() => new(Permutations(["minilm", "e5", "clip", "wav2vec2"]).Select(order => string.Join(' ', order)));

    [Theory, MemberData(nameof(Orders))]
    public async Task Whatever_the_order_each_input_reaches_its_framework(string order)
    {
        var fakes = new Fakes();
        await using ServiceProvider container = fakes.Register(order.Split(' '));

        var media = container.GetRequiredService<MediaEmbedder>();
        GeneratedEmbeddings<Embedding<float>> vectors = await media.GenerateAsync(
            [Fake.Media("audio/wav", 7), Fake.Media("image/png", 8), Fake.Media("audio/x-aiff", 9)]);

        Assert.Equal([[40, 7], [30, 8], [40, 9]], vectors.Select(vector => vector.Vector.ToArray()));
        Assert.Equal(order.Split(' '), container.GetServices<EmbeddingFramework>().Select(framework => framework.Name));
    }

    [Theory, MemberData(nameof(Orders))]
    public async Task Of_text_frameworks_the_last_one_wins_and_the_non_generic_alias_follows(string order)
    {
        var fakes = new Fakes();
        await using ServiceProvider container = fakes.Register(order.Split(' '));
        TextEmbedder last = order.Split(' ').Last(name => name is "minilm" or "e5") == "minilm" ? fakes.MiniLM : fakes.E5;

        Assert.Same(last, container.GetRequiredService<TextEmbedder>());
        Assert.Same(last, container.GetRequiredService<IEmbeddingGenerator>());
        GeneratedEmbeddings<Embedding<float>> vectors = await container.GetRequiredService<MediaEmbedder>().GenerateAsync([Fake.TextFile("four")]);
        Assert.Equal([last == fakes.MiniLM ? 10 : 20, 4], vectors.Single().Vector.ToArray());
    }

    [Theory, MemberData(nameof(Orders))]
    public async Task Each_framework_is_there_under_its_name(string order)
    {
        var fakes = new Fakes();
        await using ServiceProvider container = fakes.Register(order.Split(' '));

        Assert.Same(fakes.MiniLM, container.GetRequiredKeyedService<TextEmbedder>("minilm"));
        Assert.Same(fakes.E5, container.GetRequiredKeyedService<TextEmbedder>("e5"));
        Assert.Same(fakes.Clip, container.GetRequiredKeyedService<MediaEmbedder>("clip"));
        Assert.Same(fakes.Wav2Vec2, container.GetRequiredKeyedService<MediaEmbedder>("wav2vec2"));
        Assert.Null(container.GetKeyedService<TextEmbedder>("clip"));
    }

    [Fact]
    public async Task Without_a_text_framework_the_alias_is_the_one_that_dispatches_by_media_type()
    {
        await using ServiceProvider container = new Fakes().Register(["wav2vec2", "clip"]);

        Assert.Same(container.GetRequiredService<MediaEmbedder>(), container.GetRequiredService<IEmbeddingGenerator>());
        Assert.Null(container.GetService<TextEmbedder>());
    }

    [Fact]
    public async Task Without_a_picture_framework_text_files_are_embedded()
    {
        await using ServiceProvider container = new Fakes().Register(["minilm"]);

        GeneratedEmbeddings<Embedding<float>> vectors = await container.GetRequiredService<MediaEmbedder>().GenerateAsync([Fake.TextFile("four")]);
        Assert.Equal([10, 4], vectors.Single().Vector.ToArray());
    }

    [Fact]
    public async Task A_generator_is_made_once_and_only_when_asked_for()
    {
        int made = 0;
        await using ServiceProvider container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("minilm", EmbeddingModality.Text, "text/*"), _ =>
            {
                made++;
                return Fake.TextGenerator();
            }));

        _ = container.GetServices<EmbeddingFramework>().Single().Detect();
        _ = container.GetRequiredService<MediaEmbedder>();
        Assert.Equal(0, made);

        _ = container.GetRequiredService<TextEmbedder>();
        _ = container.GetRequiredService<IEmbeddingGenerator>();
        _ = container.GetRequiredKeyedService<TextEmbedder>("minilm");
        await container.GetRequiredService<MediaEmbedder>().GenerateAsync([Fake.TextFile("x")]);
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task The_container_disposes_the_generators_that_were_used_and_no_others()
    {
        var fakes = new Fakes();
        ServiceProvider container = fakes.Register(["minilm", "e5", "clip", "wav2vec2"]);
        _ = container.GetRequiredService<TextEmbedder>();
        _ = container.GetRequiredService<IEmbeddingGenerator>();
        await container.GetRequiredService<MediaEmbedder>().GenerateAsync([Fake.Media("image/png")]);

        Assert.Equal(0, fakes.E5.Disposals + fakes.Clip.Disposals);
        await container.DisposeAsync();

        // One singleton given by several services is disposed once for each of them: Dispose must be idempotent.
        Assert.InRange(fakes.E5.Disposals, 1, 3);
        Assert.Equal(1, fakes.Clip.Disposals);
        Assert.Equal(0, fakes.MiniLM.Disposals + fakes.Wav2Vec2.Disposals);
    }

    [Fact]
    public void Disposing_the_dispatching_generator_leaves_the_frameworks_alone()
    {
        var fakes = new Fakes();
        using ServiceProvider container = fakes.Register(["clip"]);
        _ = container.GetRequiredKeyedService<MediaEmbedder>("clip");

        container.GetRequiredService<MediaEmbedder>().Dispose();
        Assert.Equal(0, fakes.Clip.Disposals);
    }

    [Theory]
    [InlineData("minilm", "minilm")]
    [InlineData("clip", "clip")]
    [InlineData("minilm clip", "minilm")]
    public void A_name_can_be_taken_once(string registered, string again)
    {
        var services = new ServiceCollection();
        var fakes = new Fakes();
        foreach (string name in registered.Split(' '))
            fakes.Add(services, name);
        int before = services.Count;

        var error = Assert.Throws<ArgumentException>("framework", () => fakes.Add(services, again));
        Assert.Contains($"'{again}' is already registered", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, services.Count);
    }

    [Fact]
    public void Text_and_pictures_cannot_share_a_name()
    {
        var services = new ServiceCollection();
        services.AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Text, "text/*"), _ => Fake.TextGenerator());
        Assert.Throws<ArgumentException>("framework", () => services.AddEmbeddingFramework(
            Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => Fake.MediaGenerator(1)));
    }

    [Fact]
    public void A_descriptor_of_another_modality_than_its_generator_is_refused_at_once()
    {
        var services = new ServiceCollection();

        var error = Assert.Throws<ArgumentException>("framework", () => services.AddEmbeddingFramework(
            Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => Fake.TextGenerator()));
        Assert.Contains("'clip' is described as Image", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("framework", () => services.AddEmbeddingFramework(
            Fake.Framework("minilm", EmbeddingModality.Text, "text/*"), _ => Fake.MediaGenerator(1)));
        Assert.Empty(services);
    }

    [Fact]
    public async Task A_media_generator_of_the_callers_own_is_kept()
    {
        FakeGenerator<DataContent> own = Fake.MediaGenerator(99);
        await using ServiceProvider container = Fake.Container(services =>
        {
            services.AddSingleton<MediaEmbedder>(own);
            new Fakes().Add(services, "clip");
        });

        Assert.Same(own, container.GetRequiredService<MediaEmbedder>());
    }

    [Fact]
    public async Task Frameworks_live_beside_keyed_services_of_other_libraries()
    {
        await using ServiceProvider container = Fake.Container(services =>
        {
            services.AddKeyedSingleton("minilm", "a setting under the same key");
            new Fakes().Add(services, "minilm");
        });

        Assert.NotNull(container.GetRequiredKeyedService<TextEmbedder>("minilm"));
    }

    [Fact]
    public void Null_arguments_are_refused()
    {
        var services = new ServiceCollection();
        EmbeddingFramework framework = Fake.Framework("minilm", EmbeddingModality.Text, "text/*");

        Assert.Throws<ArgumentNullException>("services", () => ((IServiceCollection)null!).AddEmbeddingFramework(framework, _ => Fake.TextGenerator()));
        Assert.Throws<ArgumentNullException>("framework", () => services.AddEmbeddingFramework(null!, _ => Fake.TextGenerator()));
        Assert.Throws<ArgumentNullException>("create", () => services.AddEmbeddingFramework(framework, (Func<IServiceProvider, TextEmbedder>)null!));
        Assert.Throws<ArgumentNullException>("create", () => services.AddEmbeddingFramework(framework, (Func<IServiceProvider, MediaEmbedder>)null!));
        Assert.Empty(services);
    }

    private static IEnumerable<string[]> Permutations(string[] names) => names.Length == 0
        ? [[]]
        : names.SelectMany(first => Permutations([.. names.Where(name => name != first)]).Select(rest => (string[])[first, .. rest]));

    private sealed class Fakes
    {
        public FakeGenerator<string> MiniLM { get; } = Fake.TextGenerator(10);

        public FakeGenerator<string> E5 { get; } = Fake.TextGenerator(20);

        public FakeGenerator<DataContent> Clip { get; } = Fake.MediaGenerator(30);

        public FakeGenerator<DataContent> Wav2Vec2 { get; } = Fake.MediaGenerator(40);

        public ServiceProvider Register(string[] names) => Fake.Container(services =>
        {
            foreach (string name in names)
                Add(services, name);
        });

        public IServiceCollection Add(IServiceCollection services, string name) => name switch
        {
            "minilm" => services.AddEmbeddingFramework(Fake.Framework(name, EmbeddingModality.Text, "text/*"), _ => MiniLM),
            "e5" => services.AddEmbeddingFramework(Fake.Framework(name, EmbeddingModality.Text, "text/*"), _ => E5),
            "clip" => services.AddEmbeddingFramework(Fake.Framework(name, EmbeddingModality.Image, "image/*"), _ => Clip),
            _ => services.AddEmbeddingFramework(Fake.Framework(name, EmbeddingModality.Audio, "audio/*"), _ => Wav2Vec2),
        };
    }
}
