using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Tests;

/// <summary>Records and vectors made from seeds.</summary>
internal static class TestData
{
    public const int Dimensions = 24;

    /// <summary>The metrics a collection may have; embeddings themselves know more.</summary>
    public static readonly SimilarityMetric[] Metrics = [SimilarityMetric.Cosine, SimilarityMetric.DotProduct, SimilarityMetric.Euclidean];

    public static readonly VectorDefinition OneVector = new() { SpaceId = "test/space", Dimensions = Dimensions, Fingerprint = "f1" };

    public static readonly VectorCollectionDefinition Definition = new(OneVector);

    public static VectorCollectionDefinition DefinitionOf(int dimensions, SimilarityMetric metric = SimilarityMetric.Cosine) =>
        new(new VectorDefinition { SpaceId = "test/space", Dimensions = dimensions, Metric = metric });

    public static float[] Vector(Random random, int dimensions = Dimensions)
    {
        var vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
            vector[i] = (float)(random.NextDouble() * 2 - 1);
        return vector;
    }

    public static VectorRecord Record(RecordId id, params float[] vector) => new()
    {
        Id = id,
        Embedding = new(vector),
        Text = $"text of {id}",
        Payload = new() { ["of"] = id.ToString() },
    };

    public static VectorRecord[] Records(int seed, int count, int dimensions = Dimensions)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => Record($"r{i:D5}", Vector(random, dimensions)))];
    }

    public static Embedding<float> Query(params float[] vector) => new(vector);

    public static async Task<List<T>> ToListAsync<T>(this IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (T item in items)
            list.Add(item);
        return list;
    }

    public static async Task<RecordId[]> IdsAsync(this IVectorCollection collection) =>
        [.. (await collection.ScanAsync().ToListAsync()).Select(record => record.Id)];

    public static void AssertSame(VectorRecord expected, VectorRecord actual)
    {
        Assert.Equal(expected.Id, actual.Id);
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Payload, actual.Payload);
        Assert.Equal(expected.Vectors.Keys.Order(StringComparer.Ordinal), actual.Vectors.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected.Vectors, vector => Assert.Equal(vector.Value.Vector.ToArray(), actual.Vectors[vector.Key].Vector.ToArray()));
    }
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    public string Path => _folder.FullName;

    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose() => _folder.Delete(recursive: true);
}
