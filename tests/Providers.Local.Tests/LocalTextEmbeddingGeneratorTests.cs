using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests;

public class LocalTextEmbeddingGeneratorTests
{
    private static readonly string[] Hard =
    [
        "", " \t\r\n ", "a", "\0", "null\0byte", "\ud800", "lonely \udc00 surrogate", "👩‍👩‍👧‍👦 family 🏳️‍🌈", "机器学习模型将文本转换为向量。", "Z͑ͫ̓aḷ̌g̣o",
        "[CLS] [SEP] [MASK] ##ing [PAD]", new string('x', 10_000), "The weather is lovely today.", "It's so sunny outside!", "וַיֹּאמֶר", string.Join(' ', Enumerable.Repeat("word", 600)),
    ];

    [Fact]
    public async Task Alone_batched_and_shuffled_give_one_vector()
    {
        using var small = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"), new() { TokensPerRun = 64 }), "test");
        using var large = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"), new() { TokensPerRun = 100_000 }), "test");
        string[] texts = [.. Hard, .. Hard];
        new Random(7).Shuffle(texts);

        GeneratedEmbeddings<Embedding<float>> batched = await large.GenerateAsync(texts), inRuns = await small.GenerateAsync(texts);

        for (int i = 0; i < texts.Length; i++)
        {
            ReadOnlyMemory<float> alone = (await small.GenerateAsync([texts[i]]))[0].Vector;
            Near(alone, batched[i].Vector);
            Near(alone, inRuns[i].Vector);
            Assert.Equal(1f, TensorPrimitives.Norm(alone.Span), 1e-5f);
        }
    }

    [Fact]
    public async Task No_texts_give_no_vectors() => Assert.Empty(await Tiny().GenerateAsync([]));

    [Fact]
    public async Task A_text_of_100000_words_is_cut_at_the_limit_and_counted()
    {
        using LocalTextEmbeddingGenerator generator = Tiny();
        string text = string.Join(' ', Enumerable.Range(0, 100_000).Select(i => $"word{i % 100}"));
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync([text]);
        Assert.Equal(256, embeddings.Usage!.InputTokenCount);
        Near((await generator.GenerateAsync([text[..20_000]]))[0].Vector, embeddings[0].Vector);
    }

    [Fact]
    public async Task A_null_text_is_named_by_its_place()
    {
        using LocalTextEmbeddingGenerator generator = Tiny();
        ArgumentNullException error = await Assert.ThrowsAsync<ArgumentNullException>(() => generator.GenerateAsync(["one", null!, "three"]));
        Assert.Contains("text 1 of 3 is null", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentNullException>(() => generator.GenerateAsync((IEnumerable<string>)null!));
    }

    [Fact]
    public async Task Another_models_name_and_impossible_dimensions_are_refused()
    {
        using LocalTextEmbeddingGenerator generator = Tiny();
        Assert.Contains("'gpt'", (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"], new() { ModelId = "gpt" }))).Message, StringComparison.Ordinal);
        ArgumentOutOfRangeException error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateAsync(["a"], new() { Dimensions = 33 }));
        Assert.Contains("must be 1 to 32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_vectors_have_unit_length_and_a_space_of_their_own()
    {
        using LocalTextEmbeddingGenerator generator = Tiny();
        Embedding<float> whole = (await generator.GenerateAsync(["some text"]))[0], cut = (await generator.GenerateAsync(["some text"], new() { Dimensions = 8 }))[0];
        Assert.Equal(8, cut.Vector.Length);
        Assert.Equal(1f, TensorPrimitives.Norm(cut.Vector.Span), 1e-6f);
        Assert.Throws<EmbeddingSpaceMismatchException>(() => Similarity.Of(whole, cut));
    }

    [Fact]
    public async Task The_intent_chooses_the_folders_prompt()
    {
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/e5-prompts")), "test");
        ReadOnlyMemory<float> query = (await generator.GenerateQueryAsync("how to bake bread")).Vector, document = (await generator.GenerateDocumentsAsync(["how to bake bread"]))[0].Vector;
        Assert.True(TensorPrimitives.CosineSimilarity(query.Span, document.Span) < 0.9999f);
        using LocalTextModel model = LocalTextModel.Load(Repository.Reference("text/e5-prompts"));
        Near(query, model.Encode(["query: how to bake bread"]).Vectors[0]);
        Near(document, model.Encode(["passage: how to bake bread"]).Vectors[0]);
    }

    [Fact]
    public async Task Cut_texts_and_missing_intents_are_logged_once_and_no_text_is()
    {
        using var log = new CollectingLoggerFactory();
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/e5-prompts-excluded")), "test", log);
        await generator.GenerateAsync(["secret " + new string('x', 3), string.Join(' ', Enumerable.Repeat("secret", 600))]);
        await generator.GenerateAsync([string.Join(' ', Enumerable.Repeat("secret", 600))]);
        await generator.GenerateQueryAsync("secret");
        Assert.Single(log.Lines, line => line.Contains("without intent", StringComparison.Ordinal));
        Assert.Single(log.Lines, line => line.Contains("1 of 2 texts were longer than 128 tokens", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callers_side_by_side_each_get_their_own_answer()
    {
        using LocalTextEmbeddingGenerator generator = Tiny();
        GeneratedEmbeddings<Embedding<float>> expected = await generator.GenerateAsync(Hard);
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (call, cancel) =>
        {
            int text = call % Hard.Length;
            Near(expected[text].Vector, (await generator.GenerateAsync([Hard[text]], cancellationToken: cancel))[0].Vector);
        });
    }

    [Fact]
    public async Task Dispose_during_use_ends_calls_with_an_exception_and_may_be_repeated()
    {
        LocalTextEmbeddingGenerator generator = Tiny();
        Task<int>[] calls = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int done = 0; ; done++)
            {
                try
                {
                    await generator.GenerateAsync(Hard[..4]);
                }
                catch (ObjectDisposedException)
                {
                    return done;
                }
            }
        }))];
        await generator.GenerateAsync(Hard);
        generator.Dispose();
        generator.Dispose();
        await Task.WhenAll(calls);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GenerateAsync(["a"]));
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled_and_the_next_one_works()
    {
        using LocalTextEmbeddingGenerator generator = Tiny();
        using var cancellation = new CancellationTokenSource();
        IEnumerable<string> Texts()
        {
            foreach (string text in Enumerable.Repeat(Hard, 200).SelectMany(texts => texts))
                yield return text;
            cancellation.Cancel();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(Texts(), cancellationToken: cancellation.Token));
        Assert.Single(await generator.GenerateAsync(["a"]));
    }

    [Fact]
    public async Task A_returned_vector_is_the_callers_and_no_later_call_changes_it()
    {
        using LocalTextEmbeddingGenerator generator = Tiny();
        ReadOnlyMemory<float> vector = (await generator.GenerateAsync(["first"]))[0].Vector;
        float[] before = vector.ToArray();
        await generator.GenerateAsync(Hard);
        Assert.Equal(before, vector.ToArray());
    }

    [Fact]
    public void Services_tell_the_space_the_model_and_the_metadata()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = Tiny();
        Assert.Equal(32, generator.GetService<EmbeddingSpace>()!.Dimensions);
        Assert.Equal(SimilarityMetric.Cosine, generator.GetService<EmbeddingSpace>()!.Metric);
        Assert.True(generator.GetService<EmbeddingSpace>()!.IsNormalized);
        Assert.Equal(("test", "bert-mean-normalize", 32), (generator.GetService<EmbeddingGeneratorMetadata>()!.ProviderName, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions));
        Assert.Equal(256, generator.GetService<LocalTextModel>()!.MaxTokens);
        Assert.Same(generator, generator.GetService<LocalTextEmbeddingGenerator>());
        Assert.Null(generator.GetService(typeof(EmbeddingSpace), "key"));
        Assert.Null(generator.GetService(typeof(string)));
    }

    [Fact]
    public async Task The_model_that_ships_needs_no_configuration()
    {
        await using ServiceProvider services = new ServiceCollection().AddSentenceTransformersTextEmbeddings().BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Same(generator, services.GetRequiredService<IEmbeddingGenerator>());
        Assert.True(services.GetRequiredService<EmbeddingFramework>().Detect().IsAvailable);
        Assert.True(await generator.SimilarityAsync("a cat on the sofa", "a kitten lies on the couch") > 0.6f);
        Assert.True(await generator.SimilarityAsync("a cat on the sofa", "stock prices fell") < 0.2f);
    }

    [Fact]
    public async Task Two_models_side_by_side_have_keys_of_their_own()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddSentenceTransformersTextEmbeddings()
            .AddSentenceTransformersTextEmbeddings("quick", options => options.Weights = ModelWeights.Int8)
            .BuildServiceProvider();
        var exact = services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("sentence-transformers");
        var quick = services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("quick");
        Assert.Same(quick, services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.True(Similarity.Of((await exact.GenerateAsync(["one text"]))[0], (await quick.GenerateAsync(["one text"]))[0]) > 0.98f);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_reported_by_Detect_with_what_to_do()
    {
        using ServiceProvider services = new ServiceCollection().AddSentenceTransformersTextEmbeddings(options => options.ModelPath = "no-such-folder").BuildServiceProvider();
        FrameworkAvailability found = services.GetRequiredService<EmbeddingFramework>().Detect();
        Assert.False(found.IsAvailable);
        Assert.Contains("no-such-folder is not a folder. Give the folder of a model", found.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null, null, "TokensPerRun must be 1 to")]
    [InlineData(2_000_000, null, null, "TokensPerRun must be 1 to")]
    [InlineData(64, 0, null, "Threads must be 1 to")]
    [InlineData(64, null, " ", "ModelPath is blank")]
    public void Options_out_of_range_are_named_at_registration(int tokensPerRun, int? threads, string? path, string message)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddSentenceTransformersTextEmbeddings(options =>
            (options.TokensPerRun, options.Threads, options.ModelPath) = (tokensPerRun, threads, path)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fp32", "fp32"), InlineData("INT8", "int8"), InlineData("onnx/model_O3.onnx", "onnx/model_O3.onnx")]
    public void Weights_are_read_as_a_person_types_them(string typed, string expected) => Assert.Equal(expected, ModelWeights.Parse(typed).ToString());

    [Theory]
    [InlineData("int9"), InlineData("../other/model.onnx"), InlineData("/model.onnx"), InlineData(" ")]
    public void Weights_that_are_no_file_of_the_folder_are_refused(string typed) => Assert.Throws<ArgumentException>(() => ModelWeights.Parse(typed));

    private static LocalTextEmbeddingGenerator Tiny() => new(LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize")), "test");

    private static void Near(ReadOnlyMemory<float> expected, ReadOnlyMemory<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(TensorPrimitives.Distance(expected.Span, actual.Span) < 1e-6f, $"distance {TensorPrimitives.Distance(expected.Span, actual.Span)}");
    }
}
