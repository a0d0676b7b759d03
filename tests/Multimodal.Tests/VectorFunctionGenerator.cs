using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests;

/// <summary>A generator that gives the vectors it is told, in a space of its own.</summary>
internal sealed class VectorFunctionGenerator<TInput>(string spaceId, int dimensions, Func<TInput, float[]> vector, bool isUnit = false) : IEmbeddingGenerator<TInput, Embedding<float>>
{
    public EmbeddingSpace Space { get; } = new() { SpaceId = spaceId, Fingerprint = $"{spaceId}-bits", Dimensions = dimensions, Metric = SimilarityMetric.Cosine, IsNormalized = isUnit };

    public List<TInput> Inputs { get; } = [];

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var found = new GeneratedEmbeddings<Embedding<float>>();
        foreach (TInput value in values)
        {
            Inputs.Add(value);
            var embedding = new Embedding<float>(vector(value));
            Space.Stamp(embedding);
            found.Add(embedding);
        }

        return Task.FromResult(found);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(EmbeddingSpace) ? Space : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
