using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>
/// A way from one kind of input into a space that is not its own: a generator whose vectors lie in <see cref="Space"/>, with the quality measured for it.
/// Describe-then-embed and transcribe-then-embed, ConSE and a learned map between two spaces are all bridges; so is a second tower of the same space.
/// </summary>
/// <remarks>Immutable; as safe for concurrent use as its generator, which it does not own.</remarks>
public sealed class Bridge
{
    /// <summary>Creates a bridge.</summary>
    /// <param name="name">What a person calls it, e.g. <c>conse</c>.</param>
    /// <param name="from">The kind of input that crosses.</param>
    /// <param name="generator">Gives vectors in the target space; its <c>GetService&lt;EmbeddingSpace&gt;()</c> must answer.</param>
    /// <param name="quality">What was measured on examples the bridge was not tuned on; null when nothing was.</param>
    /// <exception cref="ArgumentException">A name is blank, or the generator does not say its space.</exception>
    public Bridge(string name, EmbeddingModality from, IEmbeddingGenerator<DataContent, Embedding<float>> generator, BridgeQuality? quality = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(generator);
        Name = name;
        From = from;
        Generator = generator;
        Space = generator.GetService<EmbeddingSpace>() ?? throw new ArgumentException($"the generator of bridge {name} does not say its space. Let its GetService answer EmbeddingSpace.", nameof(generator));
        Quality = quality;
    }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>The kind of input that crosses.</summary>
    public EmbeddingModality From { get; }

    /// <summary>The space its vectors lie in.</summary>
    public EmbeddingSpace Space { get; }

    /// <summary>Gives the vectors.</summary>
    public IEmbeddingGenerator<DataContent, Embedding<float>> Generator { get; }

    /// <summary>What was measured; null when nothing was.</summary>
    public BridgeQuality? Quality { get; }

    /// <summary>The same bridge with a measured quality.</summary>
    /// <param name="quality">What was measured.</param>
    /// <exception cref="ArgumentNullException"><paramref name="quality"/> is null.</exception>
    public Bridge WithQuality(BridgeQuality quality)
    {
        ArgumentNullException.ThrowIfNull(quality);
        return new Bridge(Name, From, Generator, quality);
    }
}
