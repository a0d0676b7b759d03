using Microsoft.Extensions.AI;

namespace Polymodal.Tests;

/// <summary>A generator that computes its vectors by a function and remembers how it was called and disposed.</summary>
internal sealed class FakeGenerator<TInput>(Func<TInput, float[]> embed, EmbeddingSpace? space = null) : IEmbeddingGenerator<TInput, Embedding<float>>
{
    public List<TInput[]> Calls { get; } = [];

    public List<EmbeddingGenerationOptions?> Options { get; } = [];

    public List<CancellationToken> Tokens { get; } = [];

    public long? InputTokensPerCall { get; init; }

    public int VectorsTooMany { get; init; }

    public int Disposals { get; private set; }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TInput[] inputs = [.. values];
        Calls.Add(inputs);
        Options.Add(options);
        Tokens.Add(cancellationToken);
        var vectors = new GeneratedEmbeddings<Embedding<float>>(inputs.Length);
        for (int i = 0; i < inputs.Length + VectorsTooMany; i++)
        {
            var vector = new Embedding<float>(embed(inputs[Math.Min(i, inputs.Length - 1)]));
            space?.Stamp(vector);
            vectors.Add(vector);
        }

        if (InputTokensPerCall is { } tokens)
            vectors.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return Task.FromResult(vectors);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingSpace) ? space : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => Disposals++;
}
