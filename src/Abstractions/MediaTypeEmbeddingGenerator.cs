using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal;

/// <summary>
/// Embeds a list of pictures, sounds and text files with the framework that takes each one's media type.
/// This is what a container gives for <c>IEmbeddingGenerator&lt;DataContent, Embedding&lt;float&gt;&gt;</c>, so that a picture
/// framework and a sound framework, registered in any order, never swallow each other's input.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Of several frameworks that take a media type the one registered last is used. The vectors may come from
/// different spaces; each says which in its <see cref="Embedding.AdditionalProperties"/>, and the generator itself has none.
/// </remarks>
public sealed class MediaTypeEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private readonly IServiceProvider _services;
    private readonly EmbeddingFramework[] _frameworks;

    /// <summary>Creates the generator over a container's frameworks.</summary>
    /// <param name="services">Resolves a framework's generator by its name as service key.</param>
    /// <param name="frameworks">The frameworks, in the order of registration.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public MediaTypeEmbeddingGenerator(IServiceProvider services, IEnumerable<EmbeddingFramework> frameworks)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(frameworks);
        _services = services;
        _frameworks = [.. frameworks];
    }

    /// <summary>Embeds each input with the framework of its media type.</summary>
    /// <param name="values">The inputs. Text must be UTF-8 or name its <c>charset</c>.</param>
    /// <param name="options">Passed on to every framework.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One vector an input, in the order given. The frameworks run side by side; usage is their sum.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">No framework takes an input's media type; or a text's charset is unknown, or its bytes are not valid in it.</exception>
    /// <exception cref="InvalidOperationException">A framework gave more or fewer vectors than it got inputs.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        DataContent[] inputs = [.. values];
        RoutedCall[] calls = [.. Enumerable.Range(0, inputs.Length).GroupBy(index => FrameworkFor(inputs, index)).Select(group => CallOf(group.Key, inputs, [.. group], options))];
        return await RoutedCall.RunAsync(inputs.Length, calls, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Does nothing: the container owns the frameworks' generators.</summary>
    public void Dispose()
    {
    }

    private EmbeddingFramework FrameworkFor(DataContent[] values, int index)
    {
        if (values[index] is not { } input)
            throw new ArgumentNullException(nameof(values), $"input {index} is null.");
        return Array.FindLast(_frameworks, framework => framework.Takes(input.MediaType)) ?? throw new ArgumentException(
            $"input {index} is {input.MediaType}; no registered framework takes it (registered: " +
            $"{string.Join(", ", _frameworks.Select(framework => $"{framework.Name} for {string.Join(" ", framework.MediaTypes)}"))}). Register one that does.", nameof(values));
    }

    private RoutedCall CallOf(EmbeddingFramework framework, DataContent[] inputs, int[] places, EmbeddingGenerationOptions? options)
    {
        if (framework.Modality == EmbeddingModality.Text)
        {
            string[] texts = [.. places.Select(place => DataContentText.Read(inputs[place], place))];
            return new(framework.Name, places, stop => _services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(framework.Name).GenerateAsync(texts, options, stop));
        }

        DataContent[] media = [.. places.Select(place => inputs[place])];
        return new(framework.Name, places, stop => _services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>(framework.Name).GenerateAsync(media, options, stop));
    }
}
