using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>What all bridge generators check of a call, and how they answer.</summary>
internal static class BridgeInputs
{
    /// <summary>The inputs as an array without nulls.</summary>
    public static DataContent[] Checked(IEnumerable<DataContent> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        DataContent[] inputs = [.. values];
        int missing = Array.IndexOf(inputs, null);
        return missing < 0 ? inputs : throw new ArgumentNullException(nameof(values), $"input {missing} of {inputs.Length} is null.");
    }

    /// <summary>Throws when a call asks for vectors of another length than the space has.</summary>
    public static void EnsureDimensions(EmbeddingGenerationOptions? options, EmbeddingSpace space)
    {
        if (options?.Dimensions is { } dimensions && dimensions != space.Dimensions)
            throw new ArgumentOutOfRangeException(nameof(options), dimensions, $"the bridge gives the {space.Dimensions} dimensions of {space.SpaceId}. Leave Dimensions out, or build the bridge over a text generator that cuts.");
    }

    /// <summary>The space of a generator.</summary>
    /// <exception cref="ArgumentException">It does not say its space.</exception>
    public static EmbeddingSpace SpaceOf(IEmbeddingGenerator generator, string name) =>
        generator.GetService(typeof(EmbeddingSpace)) as EmbeddingSpace
            ?? throw new ArgumentException($"{name} does not say its space. Let its GetService answer EmbeddingSpace.", name);

    /// <summary>A vector that says where it comes from.</summary>
    public static Embedding<float> Stamped(ReadOnlyMemory<float> vector, EmbeddingSpace space, string? modelId)
    {
        var embedding = new Embedding<float>(vector) { ModelId = modelId };
        space.Stamp(embedding);
        return embedding;
    }
}
