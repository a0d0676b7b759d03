using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Makes the bridges there are. None has a quality yet: see <see cref="BridgeMeasurement.MeasuredAsync"/>.</summary>
public static class Bridges
{
    /// <summary>A second tower of the same space, as CLIP's pictures and texts have.</summary>
    /// <param name="from">What the tower takes.</param>
    /// <param name="tower">The tower.</param>
    /// <param name="other">The tower it shares its space with.</param>
    /// <exception cref="EmbeddingSpaceMismatchException">The towers do not share a space.</exception>
    public static Bridge SharedTowers(EmbeddingModality from, IEmbeddingGenerator<DataContent, Embedding<float>> tower, IEmbeddingGenerator other)
    {
        ArgumentNullException.ThrowIfNull(tower);
        ArgumentNullException.ThrowIfNull(other);
        EmbeddingSpace.EnsureSame(BridgeInputs.SpaceOf(tower, nameof(tower)).SpaceId, BridgeInputs.SpaceOf(other, nameof(other)).SpaceId);
        return new Bridge("shared-towers", from, tower);
    }

    /// <summary>Pictures into a text model's space by a classifier, see <see cref="ConseEmbeddingGenerator"/>.</summary>
    /// <param name="classifier">A picture generator whose model is a classifier.</param>
    /// <param name="text">The text model.</param>
    /// <param name="settings">Null for those of the classifier's folder.</param>
    public static Bridge Conse(IEmbeddingGenerator<DataContent, Embedding<float>> classifier, IEmbeddingGenerator<string, Embedding<float>> text, ConseSettings? settings = null) =>
        new("conse", EmbeddingModality.Image, new ConseEmbeddingGenerator(classifier, text, settings));

    /// <summary>Pictures into a text model's space by descriptions, see <see cref="WordsEmbeddingGenerator.Describing"/>.</summary>
    /// <param name="client">A chat model that sees.</param>
    /// <param name="text">The text model.</param>
    /// <param name="options">Null for the defaults.</param>
    public static Bridge Describe(IChatClient client, IEmbeddingGenerator<string, Embedding<float>> text, DescribingOptions? options = null) =>
        new("describe", EmbeddingModality.Image, WordsEmbeddingGenerator.Describing(client, text, options));

    /// <summary>Sounds into a text model's space by transcripts, see <see cref="WordsEmbeddingGenerator.Transcribing"/>.</summary>
    /// <param name="client">A speech model.</param>
    /// <param name="text">The text model.</param>
    /// <param name="options">Null for the defaults.</param>
    public static Bridge Transcribe(ISpeechToTextClient client, IEmbeddingGenerator<string, Embedding<float>> text, TranscribingOptions? options = null) =>
        new("transcribe", EmbeddingModality.Audio, WordsEmbeddingGenerator.Transcribing(client, text, options));

    /// <summary>A generator of one space in another by a learned map, with the quality that the map was measured with.</summary>
    /// <param name="from">What the generator takes.</param>
    /// <param name="generator">A generator of the map's source space.</param>
    /// <param name="map">The map.</param>
    /// <exception cref="EmbeddingSpaceMismatchException">The generator is of another space.</exception>
    public static Bridge Mapped(EmbeddingModality from, IEmbeddingGenerator<DataContent, Embedding<float>> generator, LinearMap map)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(map);
        return new("learned-map", from, map.Over(generator), map.Quality);
    }
}
