using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>A generator whose vectors are put into another space by a <see cref="LinearMap"/>.</summary>
internal sealed class LinearMapEmbeddingGenerator<TInput> : DelegatingEmbeddingGenerator<TInput, Embedding<float>>
{
    private readonly LinearMap _map;

    public LinearMapEmbeddingGenerator(IEmbeddingGenerator<TInput, Embedding<float>> inner, LinearMap map)
        : base(inner)
    {
        EmbeddingSpace.EnsureSame(BridgeInputs.SpaceOf(inner, nameof(inner)).SpaceId, map.Source.SpaceId);
        _map = map;
    }

    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.Dimensions is { } dimensions && dimensions != _map.Source.Dimensions)
            throw new ArgumentOutOfRangeException(nameof(options), dimensions, $"the map takes the {_map.Source.Dimensions} dimensions of {_map.Source.SpaceId}. Leave Dimensions out.");
        GeneratedEmbeddings<Embedding<float>> found = await InnerGenerator.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
        return new GeneratedEmbeddings<Embedding<float>>(found.Select(_map.Map)) { Usage = found.Usage, AdditionalProperties = found.AdditionalProperties };
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(EmbeddingSpace) ? _map.MappedSpace
        : serviceKey is null && serviceType == typeof(LinearMap) ? _map
        : serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) && base.GetService(serviceType) is EmbeddingGeneratorMetadata about
            ? new EmbeddingGeneratorMetadata(about.ProviderName, about.ProviderUri, about.DefaultModelId, _map.Target.Dimensions)
        : base.GetService(serviceType, serviceKey);
}
