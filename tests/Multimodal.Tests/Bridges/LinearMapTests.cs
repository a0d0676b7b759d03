using System.Globalization;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Models;
using Xunit.Abstractions;

namespace Polymodal.Multimodal.Tests.Bridges;

[Collection(ShippedModels.Name)]
public sealed class LinearMapTests(ShippedModels models, ITestOutputHelper output)
{
    [Theory, InlineData(6, 6, 40), InlineData(6, 4, 40), InlineData(4, 6, 40), InlineData(30, 30, 14)]
    public void Procrustes_is_orthogonal_and_finds_a_hidden_turn(int from, int into, int count)
    {
        var random = new Random(from + into);
        double[][] turn = LinearAlgebra.NearestOrthogonal(Numbers(random, from, into));
        for (int i = 0; i < Math.Min(from, into); i++)
        {
            for (int j = 0; j < Math.Min(from, into); j++)
            {
                double dot = from >= into ? turn.Sum(row => row[i] * row[j]) : turn[i].Zip(turn[j]).Sum(pair => pair.First * pair.Second);
                Assert.Equal(i == j ? 1 : 0, dot, 1e-9);
            }
        }

        EmbeddingSpace source = Space("a", from), target = Space("b", into);
        var pairs = Numbers(random, count, from).Select(row => (Vector(source, row), Vector(target, Times(row, turn)))).ToArray();
        LinearMap map = LinearMap.Learn(source, target, pairs, new() { Method = LinearMapMethod.Procrustes, Centre = false });
        Assert.Null(map.Ridge);
        // Into fewer dimensions no map that turns only has the least error.
        if (count > from && from <= into)
            Assert.All(pairs, pair => Assert.All(map.Map(pair.Item1).Vector.ToArray().Zip(pair.Item2.Vector.ToArray()), both => Assert.Equal(both.Second, both.First, 1e-4f)));
        for (int i = 0; i < Math.Min(from, into); i++)
        {
            float[][] rows = [.. map.Weights.Chunk(into)];
            Assert.Equal(1, from >= into ? rows.Sum(row => row[i] * row[i]) : rows[i].Sum(number => number * number), 1e-4f);
        }
    }

    [Fact]
    public void Ridge_finds_a_hidden_map_with_an_offset()
    {
        var random = new Random(3);
        EmbeddingSpace source = Space("a", 5), target = Space("b", 3);
        double[][] hidden = Numbers(random, 5, 3);
        var pairs = Numbers(random, 200, 5).Select(row => (Vector(source, row), Vector(target, [.. Times(row, hidden).Select(number => number + 7)]))).ToArray();
        LinearMap map = LinearMap.Learn(source, target, pairs, new() { Ridge = 1e-9 });
        Assert.All(pairs, pair => Assert.All(map.Map(pair.Item1).Vector.ToArray().Zip(pair.Item2.Vector.ToArray()), both => Assert.Equal(both.Second, both.First, 1e-3f)));
        Assert.Equal(40, map.Quality.Examples);
        Assert.Equal(1, map.Quality.RecallAt1, 0.2);
    }

    [Fact]
    public void Pairs_that_have_nothing_to_do_with_each_other_give_a_map_at_the_level_of_chance()
    {
        var random = new Random(5);
        EmbeddingSpace source = Space("a", 8), target = Space("b", 8);
        LinearMap map = LinearMap.Learn(source, target, [.. Numbers(random, 300, 8).Zip(Numbers(random, 300, 8), (a, b) => (Vector(source, a), Vector(target, b)))]);
        Assert.False(map.Quality.IsAboveChance, map.Quality.ToString());
    }

    [Theory, InlineData(LinearMapMethod.Ridge), InlineData(LinearMapMethod.Procrustes)]
    public async Task Word_vectors_are_put_into_the_space_of_a_sentence_model(LinearMapMethod method)
    {
        string[] words = [.. File.ReadLines(Repository.Reference("evaluation/words/vocab.txt")).Select(line => line.Split(' ', '\t')[0]).Where(word => word.Length > 3 && word.All(char.IsAsciiLetterLower)).Take(600)];
        SafeTensors table = SafeTensors.Read(Repository.Reference("evaluation/words/vectors.safetensors"));
        string name = table.Names.First(name => table.Shape(name) is [_, 50]);
        float[] all = table.Floats(name);
        string[] vocabulary = [.. File.ReadLines(Repository.Reference("evaluation/words/vocab.txt")).Select(line => line.Split(' ', '\t')[0])];
        EmbeddingSpace source = Space("glove", 50), target = models.Text.GetService<EmbeddingSpace>()!;
        GeneratedEmbeddings<Embedding<float>> targets = await models.Text.GenerateAsync(words);
        LinearMap map = LinearMap.Learn(source, target, [.. words.Select((word, i) => (Vector(source, [.. all.AsSpan(50 * Array.IndexOf(vocabulary, word), 50).ToArray().Select(number => (double)number)]), targets[i]))], new() { Method = method });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{method} {map.Ridge}: {map.Quality}"));
        Assert.Equal(120, map.Quality.Examples);
        Assert.True(map.Quality.IsAboveChance && map.Quality.RecallAt1 > 3 * map.Quality.PermutedRecallAt1, map.Quality.ToString());
    }

    [Fact]
    public async Task What_was_saved_is_read_and_takes_vectors_of_its_source_only()
    {
        using var folder = new TemporaryFolder();
        LinearMap map = Learned();
        map.Save(folder.PathOf("map"));
        LinearMap read = LinearMap.Load(folder.PathOf("map"));
        Embedding<float> vector = Vector(map.Source, [1, 2, 3, 4]);
        Assert.Equal(map.Map(vector).Vector.ToArray(), read.Map(vector).Vector.ToArray());
        Assert.Equal((map.Source, map.Target, map.Method, map.Ridge, map.Quality), (read.Source, read.Target, read.Method, read.Ridge, read.Quality));
        Assert.Equal(map.Target.SpaceId, EmbeddingSpace.SpaceIdOf(read.Map(vector)));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => read.Map(Vector(map.Target, [1, 2, 3])));
        Assert.Throws<ArgumentException>(() => read.Map(new Embedding<float>(new float[] { 1, 2, 3 })));
        Assert.Throws<ArgumentException>(() => read.Map(Vector(map.Source, [1, 2, double.NaN, 4])));

        Bridge bridge = Multimodal.Bridges.Mapped(EmbeddingModality.Image, new VectorFunctionGenerator<DataContent>(map.Source.SpaceId, 4, _ => [1, 2, 3, 4]), read);
        Assert.Equal((map.Target.SpaceId, map.Quality), (bridge.Space.SpaceId, bridge.Quality));
        Assert.Equal(map.Map(vector).Vector.ToArray(), (await bridge.Generator.GenerateAsync([new DataContent(new byte[] { 1 }, "image/png")]))[0].Vector.ToArray());
        Assert.Throws<EmbeddingSpaceMismatchException>(() => read.Over(new VectorFunctionGenerator<string>("other", 4, _ => [1, 2, 3, 4])));
    }

    [Fact]
    public void A_damaged_file_is_refused_wherever_it_is_damaged()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("map");
        Learned().Save(path);
        byte[] file = File.ReadAllBytes(path);
        for (int place = 0; place < file.Length; place += 7)
        {
            byte[] damaged = [.. file];
            damaged[place] ^= 0x41;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<InvalidDataException>(() => LinearMap.Load(path));
            File.WriteAllBytes(path, file[..place]);
            Assert.Throws<InvalidDataException>(() => LinearMap.Load(path));
        }
    }

    [Fact]
    public void Too_few_pairs_and_impossible_options_are_refused()
    {
        EmbeddingSpace source = Space("a", 2), target = Space("b", 2);
        Assert.Throws<ArgumentException>(() => LinearMap.Learn(source, target, []));
        (Embedding<float>, Embedding<float>)[] pairs = [.. Enumerable.Range(0, 20).Select(i => (Vector(source, [i, 1]), Vector(target, [1, i])))];
        Assert.Throws<ArgumentException>(() => LinearMap.Learn(source, target, pairs, new() { Ridge = 0 }));
        Assert.Throws<ArgumentException>(() => LinearMap.Learn(source, target, pairs, new() { HeldOut = 1 }));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => LinearMap.Learn(target, source, pairs));
    }

    private static LinearMap Learned()
    {
        var random = new Random(9);
        EmbeddingSpace source = Space("a", 4), target = Space("b", 3);
        double[][] hidden = Numbers(random, 4, 3);
        return LinearMap.Learn(source, target, [.. Numbers(random, 50, 4).Select(row => (Vector(source, row), Vector(target, Times(row, hidden))))]);
    }

    private static double[] Times(double[] row, double[][] matrix) => [.. Enumerable.Range(0, matrix[0].Length).Select(column => row.Select((number, i) => number * matrix[i][column]).Sum())];

    private static double[][] Numbers(Random random, int rows, int columns) => [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Select(_ => random.NextDouble() * 2 - 1).ToArray())];

    private static EmbeddingSpace Space(string id, int dimensions) => new() { SpaceId = id, Fingerprint = id, Dimensions = dimensions, Metric = SimilarityMetric.Cosine, IsNormalized = false };

    private static Embedding<float> Vector(EmbeddingSpace space, double[] numbers)
    {
        var embedding = new Embedding<float>(numbers.Select(number => (float)number).ToArray());
        space.Stamp(embedding);
        return embedding;
    }
}
