using Microsoft.Extensions.AI;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests;

/// <summary>Gives each text a vector of its own, in a space of its own.</summary>
internal sealed class SpaceGenerator(string spaceId, int dimensions, int seed) : IEmbeddingGenerator<string, Embedding<float>>
{
    public EmbeddingSpace Space { get; } = new() { SpaceId = spaceId, Fingerprint = "f", Dimensions = dimensions, Metric = SimilarityMetric.Cosine, IsNormalized = false };

    public List<string> Texts { get; } = [];

    public Action? BeforeCall { get; set; }

    /// <summary>What becomes of a vector before it is given out.</summary>
    public Func<float[], float[]> Change { get; set; } = vector => vector;

    public float[] VectorOf(string text) => Change(Vector(new(text.Aggregate(seed, (hash, c) => unchecked(hash * 31 + c))), Space.Dimensions));

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        BeforeCall?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        string[] texts = [.. values];
        Texts.AddRange(texts);
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => Stamped(new Embedding<float>(VectorOf(text))))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(EmbeddingSpace) ? Space : null;

    public void Dispose()
    {
    }

    private Embedding<float> Stamped(Embedding<float> embedding)
    {
        Space.Stamp(embedding);
        return embedding;
    }
}
