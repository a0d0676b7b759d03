using Microsoft.Extensions.AI;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

public abstract partial class VectorStoreContract
{
    public static TheoryData<SimilarityMetric, int> MetricsAndSeeds
    {
        get
        {
            var data = new TheoryData<SimilarityMetric, int>();
            foreach (SimilarityMetric metric in Metrics)
                foreach (int seed in (int[])[11, 12, 13])
                    data.Add(metric, seed);
            return data;
        }
    }

    [Theory, MemberData(nameof(MetricsAndSeeds))]
    public async Task Search_equals_a_double_precision_oracle(SimilarityMetric metric, int seed)
    {
        const int Width = 67, Count = 2500, K = 25; // 67: no multiple of a SIMD register
        IVectorCollection collection = await CollectionAsync(DefinitionOf(Width, metric));
        VectorRecord[] records = Records(seed, Count, Width);
        await collection.UpsertAsync(records);
        float[] query = Vector(new(seed + 100), Width);

        IReadOnlyList<VectorMatch> found = await collection.SearchAsync(Query(query), K);

        var expected = records.Select(record => (record.Id, Score: Oracle(query, record.Embedding.Vector.Span, metric)))
            .OrderByDescending(match => match.Score).ThenBy(match => match.Id).Take(K + 1).ToArray();
        // Single precision may not tell neighbours apart that are closer than this; the seeds hold none.
        Assert.All(expected.Zip(expected.Skip(1)), pair => Assert.True(pair.First.Score - pair.Second.Score > 1e-6));
        Assert.Equal(expected.Take(K).Select(match => match.Id), found.Select(match => match.Record.Id));
        Assert.All(found.Zip(expected), pair => Assert.Equal(pair.Second.Score, pair.First.Score, 5e-6));
        Assert.All(found, match => AssertSame(records.Single(record => record.Id == match.Record.Id), match.Record));
    }

    [Theory, InlineData(SimilarityMetric.DotProduct), InlineData(SimilarityMetric.Euclidean)]
    public async Task Whole_numbers_give_exact_scores_and_ties_follow_the_id(SimilarityMetric metric)
    {
        const int Width = 16, K = 200;
        IVectorCollection collection = await CollectionAsync(DefinitionOf(Width, metric));
        var random = new Random(5);
        VectorRecord[] records = [.. Enumerable.Range(0, 3000).Select(i => Record($"g{random.Next():x}-{i}", [.. Enumerable.Range(0, Width).Select(_ => (float)random.Next(-1, 2))]))];
        await collection.UpsertAsync(records);
        float[] query = [.. Enumerable.Range(0, Width).Select(_ => (float)random.Next(-2, 3))];

        IReadOnlyList<VectorMatch> found = await collection.SearchAsync(Query(query), K);

        var expected = records.Select(record => (record.Id, Score: (float)Oracle(query, record.Embedding.Vector.Span, metric)))
            .OrderByDescending(match => match.Score).ThenBy(match => match.Id).Take(K);
        Assert.Equal(expected, found.Select(match => (match.Record.Id, match.Score)));
    }

    [Fact]
    public async Task Equal_vectors_tie_and_come_in_the_order_of_their_ids()
    {
        IVectorCollection collection = await CollectionAsync();
        float[] vector = Vector(new(3));
        RecordId[] ids = ["\uFFFD", "😀", "b", "a", "\uE000", "B", "日", "a1"];
        await collection.UpsertAsync(ids.Select(id => Record(id, vector)));
        await collection.UpsertAsync(Records(1, 50));

        IReadOnlyList<VectorMatch> all = await collection.SearchAsync(Query(vector), ids.Length), some = await collection.SearchAsync(Query(vector), 3);

        Assert.Equal(ids.Order(), all.Select(match => match.Record.Id));
        Assert.Single(all.Select(match => match.Score).Distinct());
        Assert.Equal(ids.Order().Take(3), some.Select(match => match.Record.Id));
    }

    [Fact]
    public async Task A_vector_of_zeros_scores_0_on_either_side()
    {
        IVectorCollection collection = await CollectionAsync(DefinitionOf(2));
        await collection.UpsertAsync([Record("zero", 0, 0), Record("same", 2, 0), Record("opposite", -3, 0)]);

        Assert.Equal([("same", 1f), ("zero", 0f), ("opposite", -1f)], (await collection.SearchAsync(Query(5, 0), 3)).Select(match => (match.Record.Id, match.Score)));
        Assert.Equal([("opposite", 0f), ("same", 0f), ("zero", 0f)], (await collection.SearchAsync(Query(0, 0), 3)).Select(match => (match.Record.Id, match.Score)));
    }

    [Theory, InlineData(1e30f), InlineData(1e-30f), InlineData(1e-42f), InlineData(float.MaxValue)]
    public async Task Extreme_lengths_do_not_disturb_the_cosine(float length)
    {
        IVectorCollection collection = await CollectionAsync(DefinitionOf(2));
        await collection.UpsertAsync([Record("near", length, length / 2), Record("far", -length, length / 2), Record("plain", 0, 1)]);

        foreach (float queryLength in (float[])[1, length])
        {
            IReadOnlyList<VectorMatch> found = await collection.SearchAsync(Query(queryLength, 0), 3);
            Assert.Equal(["near", "plain", "far"], found.Select(match => match.Record.Id));
            Assert.Equal(0.894427f, found[0].Score, 1e-3f);
            Assert.Equal(-0.894427f, found[2].Score, 1e-3f);
        }
    }

    [Fact]
    public async Task Scores_are_never_NaN_where_products_overflow()
    {
        IVectorCollection collection = await CollectionAsync(DefinitionOf(2, SimilarityMetric.DotProduct));
        await collection.UpsertAsync([Record("cancels", 1e30f, -1e30f), Record("one", 1e-30f, 0), Record("large", 1e30f, 1e30f)]);

        IReadOnlyList<VectorMatch> found = await collection.SearchAsync(Query(1e30f, 1e30f), 3);

        Assert.Equal(["large", "one", "cancels"], found.Select(match => match.Record.Id));
        Assert.Equal(0, found[2].Score);
    }

    [Fact]
    public async Task More_than_there_is_gives_all_and_nothing_gives_nothing()
    {
        IVectorCollection collection = await CollectionAsync();
        Assert.Empty(await collection.SearchAsync(Query(Vector(new(1))), 5));
        await collection.UpsertAsync(Records(1, 10));
        Assert.Equal(10, (await collection.SearchAsync(Query(Vector(new(1))), int.MaxValue)).Count);
    }

    [Fact]
    public async Task A_bad_query_is_refused()
    {
        IVectorCollection collection = await CollectionAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => collection.SearchAsync(Query(1, 2), 1));
        await Assert.ThrowsAsync<ArgumentException>(() => collection.SearchAsync(Query([float.NaN, .. new float[Dimensions - 1]]), 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => collection.SearchAsync(Query(Vector(new(1))), 0));
    }

    [Fact]
    public async Task Readers_see_batches_wholly_while_a_writer_works()
    {
        const int Readers = 4, Batches = 60, BatchSize = 20;
        IVectorCollection collection = await CollectionAsync();
        VectorRecord[] Batch(int number) => [.. Enumerable.Range(0, BatchSize).Select(i => Record($"b{i}", Vector(new(i))) with { Text = $"{number}" })];
        await collection.UpsertAsync(Batch(0));
        using var written = new CancellationTokenSource();

        Task[] readers = [.. Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
        {
            int last = 0;
            do
            {
                string?[] texts = (reader % 2 == 0
                    ? (await collection.SearchAsync(Query(Vector(new(reader))), BatchSize * 2)).Select(match => match.Record.Text)
                    : (await collection.ScanAsync().ToListAsync()).Select(record => record.Text)).ToArray();
                Assert.Equal(BatchSize, texts.Length);
                int seen = int.Parse(Assert.Single(texts.Distinct())!, System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(seen >= last, $"went back from batch {last} to {seen}");
                last = seen;
            }
            while (!written.IsCancellationRequested);
        }))];
        for (int number = 1; number <= Batches; number++)
            await collection.UpsertAsync(Batch(number));
        await written.CancelAsync();

        await Task.WhenAll(readers);
        Assert.All(await collection.GetAsync(Batch(0).Select(record => record.Id)), record => Assert.Equal($"{Batches}", record.Text));
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        IVectorCollection collection = await CollectionAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
                await collection.UpsertAsync([Record($"{writer}-{i}", Vector(new(i)))]);
        })));
        Assert.Equal(80, await collection.CountAsync());
        Assert.Equal(80, (await collection.SearchAsync(Query(Vector(new(1))), 100)).Count);
    }

    private static double Oracle(ReadOnlySpan<float> first, ReadOnlySpan<float> second, SimilarityMetric metric)
    {
        double dot = 0, squares = 0, firstSquares = 0, secondSquares = 0;
        for (int i = 0; i < first.Length; i++)
        {
            dot += (double)first[i] * second[i];
            squares += ((double)first[i] - second[i]) * ((double)first[i] - second[i]);
            firstSquares += (double)first[i] * first[i];
            secondSquares += (double)second[i] * second[i];
        }

        return metric switch
        {
            SimilarityMetric.DotProduct => dot,
            SimilarityMetric.Euclidean => -Math.Sqrt(squares),
            _ => dot / Math.Sqrt(firstSquares * secondSquares),
        };
    }
}
