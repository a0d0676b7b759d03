using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Tests;

/// <summary>Records and vectors made from seeds.</summary>
internal static class TestData
{
    public const int Dimensions = 24;

    public static readonly VectorCollectionDefinition Definition = new() { SpaceId = "test/space", Dimensions = Dimensions, Fingerprint = "f1" };

    public static VectorCollectionDefinition DefinitionOf(int dimensions, SimilarityMetric metric = SimilarityMetric.Cosine) =>
        new() { SpaceId = "test/space", Dimensions = dimensions, Metric = metric };

    public static float[] Vector(Random random, int dimensions = Dimensions)
    {
        var vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
            vector[i] = (float)(random.NextDouble() * 2 - 1);
        return vector;
    }

    public static VectorRecord Record(string id, params float[] vector) => new()
    {
        Id = id,
        Embedding = new(vector),
        Text = $"text of {id}",
        Payload = new Dictionary<string, string> { ["of"] = id },
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

    public static async Task<string[]> IdsAsync(this IVectorCollection collection) =>
        [.. (await collection.ScanAsync().ToListAsync()).Select(record => record.Id)];

    public static void AssertSame(VectorRecord expected, VectorRecord actual)
    {
        Assert.Equal(expected.Id, actual.Id);
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Payload, actual.Payload);
        Assert.Equal(expected.Embedding.Vector.ToArray(), actual.Embedding.Vector.ToArray());
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
