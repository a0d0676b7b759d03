using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Tests;

public sealed class MediaTypeEmbeddingGeneratorTests : IDisposable
{
    private readonly FakeGenerator<string> _text = new(text => [10, text.Length]) { InputTokensPerCall = 5 };
    private readonly FakeGenerator<DataContent> _pictures = new(picture => [20, picture.Data.Span[0]]) { InputTokensPerCall = 7 };
    private readonly FakeGenerator<DataContent> _sounds = Fake.MediaGenerator(30);
    private readonly ServiceProvider _container;
    private readonly IEmbeddingGenerator<DataContent, Embedding<float>> _generator;

    public MediaTypeEmbeddingGeneratorTests()
    {
        _container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("minilm", EmbeddingModality.Text, "text/*", "application/json"), _ => _text)
            .AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => _pictures)
            .AddEmbeddingFramework(Fake.Framework("wav2vec2", EmbeddingModality.Audio, "audio/wav"), _ => _sounds));
        _generator = _container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();
    }

    public void Dispose() => _container.Dispose();

    [Fact]
    public async Task Mixed_inputs_come_back_in_their_order_with_one_call_a_framework()
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await _generator.GenerateAsync(
        [
            Fake.Media("image/png", 1), Fake.Media("audio/wav", 2), Fake.TextFile("three"), Fake.Media("image/jpeg", 4), Fake.TextFile(""),
            Fake.Media("audio/wav", 6),
        ]);

        Assert.Equal([[20, 1], [30, 2], [10, 5], [20, 4], [10, 0], [30, 6]], vectors.Select(vector => vector.Vector.ToArray()));
        Assert.Single(_text.Calls);
        Assert.Single(_pictures.Calls);
        Assert.Single(_sounds.Calls);
    }

    [Fact]
    public async Task No_inputs_give_no_vectors_and_ask_nobody()
    {
        Assert.Empty(await _generator.GenerateAsync([]));
        Assert.Empty(_text.Calls);
    }

    [Fact]
    public async Task Usage_is_the_sum_of_those_that_report_it()
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await _generator.GenerateAsync(
            [Fake.TextFile("a"), Fake.Media("image/png"), Fake.Media("audio/wav"), Fake.TextFile("b")]);
        Assert.Equal((12, 12), (vectors.Usage?.InputTokenCount, vectors.Usage?.TotalTokenCount));

        Assert.Null((await _generator.GenerateAsync([Fake.Media("audio/wav")])).Usage);
    }

    [Fact]
    public async Task Options_reach_every_framework()
    {
        await _generator.GenerateAsync([Fake.TextFile("a"), Fake.Media("image/png")], new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Query));

        Assert.Equal([EmbeddingIntent.Query, EmbeddingIntent.Query], _text.Options.Concat(_pictures.Options).Select(passed => passed.GetIntent()));
    }

    [Fact]
    public async Task Frameworks_run_side_by_side_and_cancellation_reaches_all_of_them()
    {
        using var source = new CancellationTokenSource();
        WaitingGenerator<string> text = new();
        WaitingGenerator<DataContent> pictures = new();
        await using ServiceProvider container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("minilm", EmbeddingModality.Text, "text/*"), _ => text)
            .AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => pictures));
        Task call = container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>().GenerateAsync([Fake.TextFile("a"), Fake.Media("image/png")], cancellationToken: source.Token);

        await Task.WhenAll(text.Started, pictures.Started).WaitAsync(TimeSpan.FromMinutes(1));
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(text.WasCancelled && pictures.WasCancelled);
    }

    [Fact]
    public async Task A_framework_that_fails_ends_the_others_and_its_error_is_the_calls()
    {
        WaitingGenerator<string> text = new();
        await using ServiceProvider container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("minilm", EmbeddingModality.Text, "text/*"), _ => text)
            .AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => new FakeGenerator<DataContent>(_ => throw new InvalidDataException("damaged"))));

        await Assert.ThrowsAsync<InvalidDataException>(() => container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>().GenerateAsync([Fake.TextFile("a"), Fake.Media("image/png")]));
        Assert.True(text.WasCancelled);
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _generator.GenerateAsync([Fake.Media("image/png")], cancellationToken: source.Token));
    }

    [Fact]
    public async Task Of_two_frameworks_that_take_a_media_type_the_last_one_is_used()
    {
        FakeGenerator<DataContent> all = Fake.MediaGenerator(1), png = Fake.MediaGenerator(2);
        await using ServiceProvider container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("all", EmbeddingModality.Image, "image/*"), _ => all)
            .AddEmbeddingFramework(Fake.Framework("png", EmbeddingModality.Image, "image/png"), _ => png));

        GeneratedEmbeddings<Embedding<float>> vectors = await container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>()
            .GenerateAsync([Fake.Media("image/jpeg"), Fake.Media("image/png")]);
        Assert.Equal([1, 2], vectors.Select(vector => vector.Vector.Span[0]));
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1")]
    [InlineData("text/plain;format=flowed;charset=\"ISO-8859-1\"")]
    [InlineData("TEXT/PLAIN; CHARSET=latin1")]
    public async Task Text_is_read_by_its_charset(string mediaType)
    {
        await _generator.GenerateAsync([new DataContent(Encoding.Latin1.GetBytes("Grüße"), mediaType)]);
        Assert.Equal(["Grüße"], _text.Calls.Single());
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task A_byte_order_mark_is_not_part_of_the_text(string charset)
    {
        Encoding encoding = Encoding.GetEncoding(charset);
        byte[] file = [.. encoding.Preamble, .. encoding.GetBytes("Grüße 👋🏽")];

        await _generator.GenerateAsync([new DataContent(file, $"text/plain; charset={charset}")]);
        Assert.Equal(["Grüße 👋🏽"], _text.Calls.Single());
    }

    [Fact]
    public async Task Text_without_a_charset_is_utf_8_whatever_its_media_type()
    {
        await _generator.GenerateAsync([new DataContent("{\"é\":1}"u8.ToArray(), "application/json"), new DataContent("data:text/markdown;base64,w6k=")]);
        Assert.Equal(["{\"é\":1}", "é"], _text.Calls.Single());
    }

    [Theory]
    [InlineData("text/plain; charset=klingon", "charset 'klingon' is not known")]
    [InlineData("text/plain", "not valid utf-8")]
    [InlineData("text/plain; charset=us-ascii", "not valid us-ascii")]
    public async Task Text_that_cannot_be_read_is_an_error_that_names_the_input(string mediaType, string found)
    {
        DataContent latin1 = new(Encoding.Latin1.GetBytes("Grüße"), mediaType);

        var error = await Assert.ThrowsAsync<ArgumentException>("values", () => _generator.GenerateAsync([Fake.Media("image/png"), latin1]));
        Assert.StartsWith("input 1 is text", error.Message, StringComparison.Ordinal);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        Assert.DoesNotContain("Gr", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_media_type_that_nobody_takes_is_an_error_before_anything_is_embedded()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>("values", () => _generator.GenerateAsync(
            [Fake.TextFile("a"), Fake.Media("image/png"), Fake.Media("video/mp4")]));

        Assert.Contains("input 2 is video/mp4", error.Message, StringComparison.Ordinal);
        Assert.Contains("minilm for text/* application/json, clip for image/*, wav2vec2 for audio/wav", error.Message, StringComparison.Ordinal);
        Assert.Empty(_text.Calls);
        Assert.Empty(_pictures.Calls);
    }

    [Fact]
    public async Task A_null_input_is_an_error_that_names_its_place()
    {
        var error = await Assert.ThrowsAsync<ArgumentNullException>("values", () => _generator.GenerateAsync([Fake.TextFile("a"), null!]));
        Assert.Contains("input 1 is null", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentNullException>("values", () => _generator.GenerateAsync(null!));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_framework_that_loses_or_adds_a_vector_is_found_out(int tooMany)
    {
        await using ServiceProvider container = Fake.Container(services => services.AddEmbeddingFramework(
            Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => new FakeGenerator<DataContent>(_ => [1]) { VectorsTooMany = tooMany }));
        var generator = container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => generator.GenerateAsync([Fake.Media("image/png"), Fake.Media("image/png")]));
        Assert.Contains($"clip gave {2 + tooMany} vectors for 2 inputs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_gives_what_was_computed_at_the_places_of_the_mixed_list()
    {
        using var textBegan = new ManualResetEventSlim();
        var failure = new PartialException();
        failure.SetCompleted(2, new Dictionary<int, Embedding<float>> { [1] = new(new float[] { 20, 4 }) }, new() { InputTokenCount = 3 });
        await using ServiceProvider container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("minilm", EmbeddingModality.Text, "text/*"), _ => new FakeGenerator<string>(Embed) { InputTokensPerCall = 5 })
            .AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => new FakeGenerator<DataContent>(_ =>
            {
                Assert.True(textBegan.Wait(TimeSpan.FromMinutes(1)));
                throw failure;
            })));
        var generator = container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();

        var error = await Assert.ThrowsAsync<PartialException>(() => generator.GenerateAsync([Fake.Media("image/png"), Fake.TextFile("one"), Fake.Media("image/png")]));
        Assert.Equal(3, error.InputCount);
        Assert.Equal([1, 2], error.Completed.Keys.Order());
        Assert.Equal([[10, 3], [20, 4]], new[] { 1, 2 }.Select(place => error.Completed[place].Vector.ToArray()));
        Assert.Equal(8, error.CompletedUsage!.InputTokenCount);

        float[] Embed(string text)
        {
            textBegan.Set();
            return [10, text.Length];
        }
    }

    [Fact]
    public async Task A_vector_keeps_the_space_of_its_framework_and_the_generator_has_none()
    {
        await using ServiceProvider container = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => new FakeGenerator<DataContent>(_ => [1], Fake.Space("clip-b32"))));
        var generator = container.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();

        Assert.Equal("clip-b32", EmbeddingSpace.SpaceIdOf((await generator.GenerateAsync([Fake.Media("image/png")])).Single()));
        Assert.Null(generator.GetService<EmbeddingSpace>());
    }

    [Fact]
    public void GetService_gives_the_generator_itself_unless_a_key_is_asked_for()
    {
        Assert.Same(_generator, _generator.GetService<MediaTypeEmbeddingGenerator>());
        Assert.Same(_generator, _generator.GetService(typeof(IEmbeddingGenerator)));
        Assert.Null(_generator.GetService(typeof(MediaTypeEmbeddingGenerator), "clip"));
        Assert.Throws<ArgumentNullException>(() => _generator.GetService(null!));
    }

    [Fact]
    public void Null_collaborators_are_refused()
    {
        Assert.Throws<ArgumentNullException>("services", () => new MediaTypeEmbeddingGenerator(null!, []));
        Assert.Throws<ArgumentNullException>("frameworks", () => new MediaTypeEmbeddingGenerator(_container, null!));
    }
}
