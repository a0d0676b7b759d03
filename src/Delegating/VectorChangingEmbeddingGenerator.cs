using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Changes each vector of a generator, and with it the space it belongs to.</summary>
/// <typeparam name="TInput">What the generator takes.</typeparam>
/// <remarks>Safe for concurrent use.</remarks>
public abstract class VectorChangingEmbeddingGenerator<TInput> : DelegatingEmbeddingGenerator<TInput, Embedding<float>>
{
    private protected VectorChangingEmbeddingGenerator(IEmbeddingGenerator<TInput, Embedding<float>> inner)
        : base(inner)
    {
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        object? service = base.GetService(serviceType, serviceKey);
        return service is EmbeddingSpace space && serviceType == typeof(EmbeddingSpace) ? Change(space) : service;
    }

    private protected async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options, Func<ReadOnlyMemory<float>, ReadOnlyMemory<float>> change, string suffix, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(values);
        try
        {
            GeneratedEmbeddings<Embedding<float>> embeddings = await InnerGenerator.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
            return new GeneratedEmbeddings<Embedding<float>>(embeddings.Select(Changed)) { Usage = embeddings.Usage, AdditionalProperties = embeddings.AdditionalProperties };
        }
        catch (Exception exception) when (exception is IPartialEmbeddings)
        {
            var partial = (IPartialEmbeddings)exception;
            partial.SetCompleted(partial.InputCount, partial.Completed.ToDictionary(pair => pair.Key, pair => Changed(pair.Value)), partial.CompletedUsage);
            throw;
        }

        Embedding<float> Changed(Embedding<float> embedding) => new(change(embedding.Vector))
        {
            CreatedAt = embedding.CreatedAt,
            ModelId = embedding.ModelId,
            AdditionalProperties = VectorChange.Renamed(embedding.AdditionalProperties, suffix),
        };
    }

    /// <summary>The space after the change.</summary>
    private protected abstract EmbeddingSpace Change(EmbeddingSpace space);
}

/// <summary>What a change of vectors means for the names of their space.</summary>
internal static class VectorChange
{
    /// <summary>The space under another name.</summary>
    public static EmbeddingSpace Renamed(EmbeddingSpace space, string suffix) =>
        space with { SpaceId = space.SpaceId + suffix, Fingerprint = space.Fingerprint + suffix };

    /// <summary>A vector's properties with the names of its space changed. They come from the vector itself: one generator may give vectors of several spaces.</summary>
    public static AdditionalPropertiesDictionary? Renamed(AdditionalPropertiesDictionary? properties, string suffix)
    {
        AdditionalPropertiesDictionary? copy = properties?.Clone();
        foreach (string name in new[] { EmbeddingSpace.SpaceIdProperty, EmbeddingSpace.FingerprintProperty })
        {
            if (copy is not null && copy.TryGetValue(name, out object? value) && value is not null)
                copy[name] = value + suffix;
        }

        return copy;
    }
}
