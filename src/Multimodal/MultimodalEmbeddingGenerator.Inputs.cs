using System.Net;
using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

// Plain overloads, one and many, and the list whose inputs fail one by one.
public sealed partial class MultimodalEmbeddingGenerator
{
    /// <summary>Embeds one input: a text, a picture, a sound, a file (<see cref="FileInfo"/>) or an item of several parts.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its vector, with its space.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="input"/> is null.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{AIContent}, EmbeddingGenerationOptions?, CancellationToken)" path="/exception"/>
    public async Task<Embedding<float>> GenerateAsync(MultimodalInput input, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (await GenerateAsync([input], options, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Embeds a mixed list: <c>["a sunset", new FileInfo("sunset.jpg"), picture]</c>.</summary>
    /// <param name="inputs">Texts, pictures, sounds, files and items of several parts, in any order.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="IOException">A file cannot be read; nothing was embedded.</exception>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{AIContent}, EmbeddingGenerationOptions?, CancellationToken)"/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<MultimodalInput> inputs, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var contents = new List<AIContent>();
        foreach (MultimodalInput input in inputs)
            contents.Add(await NotNull(input, contents.Count).ReadAsync(cancellationToken).ConfigureAwait(false));
        return await GenerateAsync(contents, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Embeds a file: a text, a picture or a sound.</summary>
    /// <param name="path">The file. Its media type is told by the name's ending, else by its first bytes.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GenerateAsync(MultimodalInput, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<Embedding<float>> GenerateFromFileAsync(string path, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(MultimodalInput.File(path), options, cancellationToken);

    /// <summary>Embeds files: texts, pictures and sounds, mixed in any order.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{MultimodalInput}, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateFromFilesAsync(IEnumerable<string> paths, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return GenerateAsync(paths.Select(path => MultimodalInput.File(path)), options, cancellationToken);
    }

    /// <summary>Embeds a picture.</summary>
    /// <param name="file">A file's bytes; they tell the format.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GenerateAsync(MultimodalInput, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<Embedding<float>> GeneratePictureAsync(ReadOnlyMemory<byte> file, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(MultimodalInput.Picture(file), options, cancellationToken);

    /// <summary>Embeds pictures.</summary>
    /// <param name="files">Files' bytes; they tell the formats.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{MultimodalInput}, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GeneratePicturesAsync(IEnumerable<ReadOnlyMemory<byte>> files, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        return GenerateAsync(files.Select(MultimodalInput.Picture), options, cancellationToken);
    }

    /// <summary>Embeds a sound.</summary>
    /// <param name="file">A file's bytes; they tell the format.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GenerateAsync(MultimodalInput, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<Embedding<float>> GenerateSoundAsync(ReadOnlyMemory<byte> file, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(MultimodalInput.Sound(file), options, cancellationToken);

    /// <summary>Embeds sounds.</summary>
    /// <param name="files">Files' bytes; they tell the formats.</param>
    /// <param name="options">For the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{MultimodalInput}, EmbeddingGenerationOptions?, CancellationToken)"/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateSoundsAsync(IEnumerable<ReadOnlyMemory<byte>> files, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        return GenerateAsync(files.Select(MultimodalInput.Sound), options, cancellationToken);
    }

    /// <summary>Embeds a mixed list whose inputs fail one by one: an input that no route takes, a damaged picture or a missing file costs nothing but its own vector.</summary>
    /// <remarks>
    /// When a framework's call fails, its inputs are halved until those that fail stand alone; where the error is not about inputs (a service that does not answer, a generator
    /// that was disposed), all inputs of the route have it.
    /// </remarks>
    /// <param name="inputs">Texts, pictures, sounds, files and items of several parts, in any order.</param>
    /// <param name="options">As for the other calls.</param>
    /// <param name="cancellationToken">Ends the whole call: cancelling is no failure of an input.</param>
    /// <returns>A vector or an error for each input, in the order given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="inputs"/> is null.</exception>
    public async Task<MultimodalResults> GenerateEachAsync(IEnumerable<MultimodalInput> inputs, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var plan = new RoutingPlan(_table, options);
        var items = new List<(Func<IReadOnlyList<Embedding<float>?>, Embedding<float>>? Vector, int End, Exception? Error)>();
        foreach (MultimodalInput input in inputs)
        {
            int item = items.Count;
            try
            {
                items.Add((plan.Add(item, await NotNull(input, item).ReadAsync(cancellationToken).ConfigureAwait(false)), plan.Inputs.Count, null));
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                items.Add((null, plan.Inputs.Count, exception));
            }
        }

        IReadOnlyList<(Route Route, int[] Places)> groups = plan.Groups();
        var vectors = new Embedding<float>?[plan.Inputs.Count];
        var errors = new Exception?[plan.Inputs.Count];
        var used = new UsageDetails?[groups.Count];
        await RoutedCall.SideBySideAsync(groups.Count, (i, stop) => EachAsync(groups[i].Places, details => (used[i] ??= new()).Add(details), stop), cancellationToken).ConfigureAwait(false);

        var usage = new RoutedUsage();
        for (int i = 0; i < groups.Count; i++)
            usage.Add(groups[i].Route.Name, used[i]);
        GeneratedEmbeddings<Embedding<float>> sum = usage.Of([]);
        var byRoute = (IReadOnlyDictionary<string, UsageDetails>?)sum.AdditionalProperties?[UsageByRouteKey];
        return new([.. items.Select(Result)], sum.Usage, byRoute ?? new Dictionary<string, UsageDetails>(StringComparer.Ordinal));

        async Task EachAsync(int[] places, Action<UsageDetails> add, CancellationToken stop)
        {
            try
            {
                if (await RunAsync(plan, places, vectors, options, stop).ConfigureAwait(false) is { } details)
                    add(details);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                if (places.Length == 1 || !MayBeOfOneInput(exception))
                {
                    foreach (int place in places)
                        errors[place] = exception;
                    return;
                }

                int half = places.Length / 2;
                await EachAsync(places[..half], add, stop).ConfigureAwait(false);
                await EachAsync(places[half..], add, stop).ConfigureAwait(false);
            }
        }

        MultimodalResult Result((Func<IReadOnlyList<Embedding<float>?>, Embedding<float>>? Vector, int End, Exception? Error) item, int i)
        {
            int first = i == 0 ? 0 : items[i - 1].End;
            if ((item.Error ?? Array.Find(errors[first..item.End], error => error is not null)) is { } error)
                return new(null, error);
            try
            {
                return new(item.Vector!(vectors), null);
            }
            catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException)
            {
                return new(null, exception);
            }
        }
    }

    private static bool MayBeOfOneInput(Exception exception) => exception switch
    {
        HttpRequestException { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity } => true,
        HttpRequestException or TimeoutException or ObjectDisposedException or OperationCanceledException or DirectoryNotFoundException => false,
        _ => true,
    };
}
