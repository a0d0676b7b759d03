using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.LongText;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.LongText;

/// <summary>Texts longer than the model takes, with models that pool by the mean, by prompt rules and by the last token.</summary>
public class LongTextTests
{
    private static readonly string Long = string.Join(' ', Enumerable.Range(0, 60).Select(i => i % 7 == 3 ? "👩‍👩‍👧‍👦 naïve 机器学习" : $"The weather on day {i} is lovely, isn't it?"));

    [Fact]
    public async Task Each_chunk_fits_is_the_vector_of_its_own_text_and_the_whole_is_their_weighted_mean()
    {
        using LocalTextEmbeddingGenerator generator = Load("bert-mean-normalize");
        LocalTextModel model = generator.GetService<LocalTextModel>()!;
        LongTextEmbedding result = (await generator.GenerateLongAsync([Long], new() { ChunkTokens = 50, OverlapTokens = 10 }))[0];
        Assert.True(result.Chunks.Count > 10);
        string[] texts = [.. result.Chunks.Select(chunk => Long.Substring(chunk.Start, chunk.Length))];
        GeneratedEmbeddings<Embedding<float>> alone = await generator.GenerateAsync(texts);

        double[] mean = new double[model.Space.Dimensions];
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.False(char.IsLowSurrogate(texts[i][0]) || char.IsHighSurrogate(texts[i][^1]));
            Assert.InRange(result.Chunks[i].Tokens, 1, 50);
            Assert.Equal(texts[i].Trim(), texts[i]);
            Near(alone[i].Vector, result.Chunks[i].Embedding.Vector);
            for (int d = 0; d < mean.Length; d++)
                mean[d] += (double)alone[i].Vector.Span[d] * result.Chunks[i].Tokens;
        }

        double norm = Math.Sqrt(mean.Sum(value => value * value));
        Near(mean.Select(value => (float)(value / norm)).ToArray(), result.Embedding.Vector);
        Assert.Equal(model.Space.SpaceId, EmbeddingSpace.SpaceIdOf(result.Embedding));
        Assert.Equal((0, Long.Length), (result.Chunks[0].Start, result.Chunks[^1].Start + result.Chunks[^1].Length));
        Assert.All(result.Chunks.Zip(result.Chunks.Skip(1)), pair => Assert.True(pair.First.Start < pair.Second.Start && pair.Second.Start <= pair.First.Start + pair.First.Length + 1));
    }

    [Theory]
    [InlineData("bert-mean-normalize")]
    [InlineData("e5-prompts")]
    [InlineData("roberta-mean")]
    [InlineData("qwen2-lasttoken")]
    [InlineData("gpt2-weightedmean")]
    [InlineData("xlm-roberta-mean")]
    public void Windows_of_the_models_own_size_lose_no_token(string name)
    {
        using LocalTextModel model = LocalTextModel.Load(Repository.Reference($"text/{name}"), new() { MaxTokens = 64 });
        string prompt = model.PromptFor(EmbeddingIntent.Query);
        List<TextChunkPlan> chunks = LongTextPlan.Of(model.ChainFor(EmbeddingIntent.Query).Encoder, Long, prompt, new() { OverlapTokens = 5 }, default);
        string[] texts = [.. chunks.Select(chunk => Long.Substring(chunk.Start, chunk.Length))];
        Assert.True(chunks.Count > 5);
        Assert.Equal(0, model.Encode(texts, new() { Prompt = prompt, Intent = EmbeddingIntent.Query }).CutTexts);
        Assert.All(Enumerable.Range(0, Long.Length).Where(place => !char.IsWhiteSpace(Long[place])), place => Assert.Contains(chunks, chunk => chunk.Start <= place && place < chunk.Start + chunk.Length));
        Assert.All(texts, text => Assert.Equal(text.Trim(), text));
        Assert.All(texts, text => Assert.False(char.IsLowSurrogate(text[0]) || char.IsHighSurrogate(text[^1])));
    }

    [Fact]
    public async Task A_text_that_fits_is_one_chunk_with_its_ordinary_vector_empty_text_too()
    {
        using LocalTextEmbeddingGenerator generator = Load("e5-prompts");
        string[] texts = ["", "  short text ", "a"];
        EmbeddingGenerationOptions query = new EmbeddingGenerationOptions { Dimensions = 7 }.WithIntent(EmbeddingIntent.Query);
        GeneratedEmbeddings<Embedding<float>> expected = await generator.GenerateAsync(texts, query);
        IReadOnlyList<LongTextEmbedding> results = await generator.GenerateLongAsync(texts, options: query);
        for (int i = 0; i < texts.Length; i++)
        {
            TextSpanEmbedding chunk = Assert.Single(results[i].Chunks);
            Assert.Equal((0, texts[i].Length), (chunk.Start, chunk.Length));
            Near(expected[i].Vector, results[i].Embedding.Vector);
            Assert.Equal(EmbeddingSpace.SpaceIdOf(expected[i]), EmbeddingSpace.SpaceIdOf(results[i].Embedding));
        }
    }

    [Fact]
    public async Task The_option_pools_long_texts_in_ordinary_calls_and_leaves_short_ones_as_they_are()
    {
        using LocalTextEmbeddingGenerator cut = Load("bert-mean-normalize", new() { MaxTokens = 40 }), pool = Load("bert-mean-normalize", new() { MaxTokens = 40, LongText = LongTextHandling.Pool });
        string[] texts = ["The weather is lovely today.", Long, ""];
        GeneratedEmbeddings<Embedding<float>> first = await cut.GenerateAsync(texts), second = await pool.GenerateAsync(texts);
        Near(first[0].Vector, second[0].Vector);
        Near(first[2].Vector, second[2].Vector);
        Near((await cut.GenerateLongAsync([Long]))[0].Embedding.Vector, second[1].Vector);
        Assert.True(TensorPrimitives.CosineSimilarity(first[1].Vector.Span, second[1].Vector.Span) < 0.9999f);
        Assert.Equal(1, TensorPrimitives.Norm(second[1].Vector.Span), 1e-5f);
        Assert.True(second.Usage!.InputTokenCount > 40 + first.Usage!.InputTokenCount);
        Assert.Equal(cut.GetService<EmbeddingSpace>()!.SpaceId, pool.GetService<EmbeddingSpace>()!.SpaceId);
        Assert.NotEqual(cut.GetService<EmbeddingSpace>()!.Fingerprint, pool.GetService<EmbeddingSpace>()!.Fingerprint);
    }

    [Fact]
    public async Task Late_chunks_are_means_of_token_embeddings_that_have_seen_the_rest()
    {
        using LocalTextEmbeddingGenerator generator = Load("bert-mean-normalize");
        LocalTextModel model = generator.GetService<LocalTextModel>()!;
        const string Text = "The weather is lovely today. It's so sunny outside!";
        LongTextEmbedding result = (await generator.GenerateLongAsync([Text], new() { ChunkTokens = 6, Chunks = ChunkEmbedding.Late }))[0];
        Assert.Equal(["The weather is lovely today.", "It's so sunny outside"], result.Chunks.Take(2).Select(chunk => Text.Substring(chunk.Start, chunk.Length)));

        // By hand: [CLS] the weather is lovely today . | it ' s so sunny outside | ! [SEP]
        TextTrace trace = model.Trace([Text]);
        int hidden = model.Space.Dimensions;
        float[] mean = new float[hidden];
        for (int token = 1; token <= 6; token++)
            TensorPrimitives.Add(mean, trace.TokenEmbeddings.AsSpan(token * hidden, hidden), mean);
        TensorPrimitives.Divide(mean, TensorPrimitives.Norm(mean), mean);
        Near(mean, result.Chunks[0].Embedding.Vector);
        Assert.EndsWith("/late", (string)result.Chunks[0].Embedding.AdditionalProperties![EmbeddingSpace.FingerprintProperty]!, StringComparison.Ordinal);

        // Another end of the text changes the first chunk: it has seen it.
        LongTextEmbedding other = (await generator.GenerateLongAsync([Text.Replace("sunny", "rainy", StringComparison.Ordinal)], new() { ChunkTokens = 6, Chunks = ChunkEmbedding.Late }))[0];
        Assert.NotEqual(result.Chunks[0].Embedding.Vector.ToArray(), other.Chunks[0].Embedding.Vector.ToArray());
    }

    [Fact]
    public async Task Late_chunks_of_a_text_longer_than_the_window_are_all_there()
    {
        using LocalTextEmbeddingGenerator generator = Load("bert-mean-normalize", new() { MaxTokens = 64 });
        LongTextEmbedding result = (await generator.GenerateLongAsync([Long], new() { ChunkTokens = 20, OverlapTokens = 3, Chunks = ChunkEmbedding.Late }, new() { Dimensions = 8 }))[0];
        Assert.True(result.Chunks.Count > 20);
        Assert.All(result.Chunks, chunk => Assert.Equal(1, TensorPrimitives.Norm(chunk.Embedding.Vector.Span), 1e-5f));
        Assert.Equal(8, result.Embedding.Vector.Length);
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused()
    {
        using LocalTextEmbeddingGenerator last = Load("qwen2-lasttoken"), mean = Load("bert-mean-normalize", new() { MaxTokens = 10 });
        await Assert.ThrowsAsync<NotSupportedException>(() => last.GenerateLongAsync(["a"], new() { Chunks = ChunkEmbedding.Late }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => mean.GenerateLongAsync(["a"], new() { ChunkTokens = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => mean.GenerateLongAsync(["a"], new() { OverlapTokens = 8 })); // 10 less [CLS] and [SEP] are 8
        await Assert.ThrowsAsync<ArgumentNullException>(() => mean.GenerateLongAsync(["a", null!]));
        using LocalTextModel prompted = LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"), new() { MaxTokens = 5 });
        Assert.Contains("take all of the model's 5 tokens", Assert.Throws<ArgumentException>(
            () => LongTextPlan.Of(prompted.ChainFor(null).Encoder, "a", "the weather is lovely ", new(), default)).Message, StringComparison.Ordinal);
    }

    private static LocalTextEmbeddingGenerator Load(string name, LocalTextEmbeddingOptions? options = null) => new(LocalTextModel.Load(Repository.Reference($"text/{name}"), options), "test");

    private static void Near(ReadOnlyMemory<float> expected, ReadOnlyMemory<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected.Span[i], actual.Span[i], 2e-6f);
    }
}
