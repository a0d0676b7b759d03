using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>
/// Pictures or sounds to vectors of a text model's space, by way of words: a vision model describes a picture, a speech model transcribes a sound, and the words are embedded.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Owns neither client nor text generator. Each vector's <see cref="Embedding.AdditionalProperties"/> hold the words under <see cref="DescriptionProperty"/>.
/// A sound without words has a vector of zeros, which is near nothing. A description that is missing or broke off is an error, since its vector would stand for another picture.
/// </remarks>
public sealed class WordsEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    /// <summary>Key of the words in <see cref="Embedding.AdditionalProperties"/>; the same as for services that describe by themselves.</summary>
    public const string DescriptionProperty = "polymodal.description";

    private readonly Func<DataContent, int, CancellationToken, Task<(string Words, UsageDetails? Usage)>> _toWords;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _text;
    private readonly EmbeddingSpace _space;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly string _mediaType;
    private readonly int _parallel;

    private WordsEmbeddingGenerator(
        Func<DataContent, int, CancellationToken, Task<(string, UsageDetails?)>> toWords, IEmbeddingGenerator<string, Embedding<float>> text, string how, string mediaType, int parallel)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (parallel < 1)
            throw new ArgumentOutOfRangeException(nameof(parallel), parallel, "Parallel must be at least 1.");
        (_toWords, _text, _mediaType, _parallel) = (toWords, text, mediaType, parallel);
        EmbeddingSpace space = BridgeInputs.SpaceOf(text, nameof(text));
        _space = space with { Fingerprint = $"{space.Fingerprint} {how}" };
        EmbeddingGeneratorMetadata? about = text.GetService<EmbeddingGeneratorMetadata>();
        _metadata = new(about?.ProviderName, about?.ProviderUri, about?.DefaultModelId, space.Dimensions);
    }

    /// <summary>Describes pictures with any chat model that sees, and embeds the descriptions.</summary>
    /// <param name="client">The chat client.</param>
    /// <param name="text">The text model; its space is the bridge's.</param>
    /// <param name="options">The instruction and further options; null for the defaults.</param>
    /// <exception cref="ArgumentNullException">The client or the text generator is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or the text generator does not say its space.</exception>
    public static WordsEmbeddingGenerator Describing(IChatClient client, IEmbeddingGenerator<string, Embedding<float>> text, DescribingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options = (options ?? new()).Validated();
        string model = options.Chat?.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId ?? "an unnamed model";
        return new(async (picture, index, cancellationToken) =>
        {
            ChatMessage message = new(ChatRole.User, [new TextContent(options.Prompt), picture]);
            ChatResponse answer = await client.GetResponseAsync([message], options.Chat?.Clone(), cancellationToken).ConfigureAwait(false);
            string words = answer.Text.Trim();
            bool isWhole = answer.FinishReason is not { } reason || reason == ChatFinishReason.Stop;
            return words.Length > 0 && isWhole ? (words, answer.Usage)
                : throw new InvalidDataException($"input {index}: {model} gave {(words.Length == 0 ? "no description" : "a description that broke off")} (finish reason {answer.FinishReason?.Value ?? "not given"}). Try again, allow more tokens, or leave the picture out.");
        }, text, $"described by {model}", "image", options.Parallel);
    }

    /// <summary>Transcribes sounds with any speech model, and embeds the transcripts.</summary>
    /// <param name="client">The speech client, e.g. a local Whisper.</param>
    /// <param name="text">The text model; its space is the bridge's.</param>
    /// <param name="options">The language and further options; null for the defaults.</param>
    /// <exception cref="ArgumentNullException">The client or the text generator is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or the text generator does not say its space.</exception>
    public static WordsEmbeddingGenerator Transcribing(ISpeechToTextClient client, IEmbeddingGenerator<string, Embedding<float>> text, TranscribingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options = (options ?? new()).Validated();
        string model = options.Speech?.ModelId ?? client.GetService<SpeechToTextClientMetadata>()?.DefaultModelId ?? "an unnamed model";
        return new(async (sound, _, cancellationToken) =>
        {
            using var stream = new MemoryStream(sound.Data.ToArray(), writable: false);
            SpeechToTextResponse answer = await client.GetTextAsync(stream, options.Speech?.Clone(), cancellationToken).ConfigureAwait(false);
            return (answer.Text.Trim(), answer.Usage);
        }, text, $"transcribed by {model}", "audio", options.Parallel);
    }

    /// <summary>Finds the words and embeds them.</summary>
    /// <param name="values">Pictures (describing) or sounds (transcribing); any number.</param>
    /// <param name="options">For the text model; the intent is a document's unless one is given.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One vector an input, in the order given, with its words. The usage is that of both models.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">An input is of another medium; nothing was asked of any model.</exception>
    /// <exception cref="InvalidDataException">A picture could not be described, or the text generator gave another number of vectors.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        DataContent[] inputs = BridgeInputs.Checked(values);
        BridgeInputs.EnsureDimensions(options, _space);
        int foreign = Array.FindIndex(inputs, input => !input.HasTopLevelMediaType(_mediaType));
        if (foreign >= 0)
            throw new ArgumentException($"input {foreign} is {inputs[foreign].MediaType}; this bridge takes {_mediaType}/*. Send it to a generator of its kind.", nameof(values));
        if (inputs.Length == 0)
            return [];
        var found = new (string Words, UsageDetails? Usage)[inputs.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _parallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, inputs.Length, parallel, async (index, stop) => found[index] = await _toWords(inputs[index], index, stop).ConfigureAwait(false)).ConfigureAwait(false);

        int[] spoken = [.. Enumerable.Range(0, inputs.Length).Where(index => found[index].Words.Length > 0)];
        EmbeddingGenerationOptions? forText = options.GetIntent() is null ? options.WithIntent(EmbeddingIntent.Document) : options;
        GeneratedEmbeddings<Embedding<float>> vectors = spoken.Length == 0 ? [] : await _text.GenerateAsync(spoken.Select(index => found[index].Words), forText, cancellationToken).ConfigureAwait(false);
        if (vectors.Count != spoken.Length)
            throw new InvalidDataException($"the text generator gave {vectors.Count} vectors for {spoken.Length} texts. It must give one each.");
        UsageDetails? usage = vectors.Usage;
        var results = new GeneratedEmbeddings<Embedding<float>>(inputs.Length);
        for (int index = 0, next = 0; index < inputs.Length; index++)
        {
            // A vector of its own: the text generator's may be one that its cache gives to others.
            ReadOnlyMemory<float> vector = found[index].Words.Length > 0 ? vectors[next++].Vector : new float[_space.Dimensions];
            Embedding<float> result = BridgeInputs.Stamped(vector, _space, _metadata.DefaultModelId);
            result.AdditionalProperties![DescriptionProperty] = found[index].Words;
            results.Add(result);
            if (found[index].Usage is { } used)
                (usage ??= new()).Add(used);
        }

        results.Usage = usage;
        return results;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(EmbeddingSpace) ? _space
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : null;
    }

    /// <summary>Does nothing: client and text generator belong to the caller.</summary>
    public void Dispose()
    {
    }
}
