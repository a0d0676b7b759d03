using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Cloud;

/// <summary>
/// Pictures or sounds to vectors by way of words, for a service that embeds only text: each input is described (or transcribed), and the description is embedded. The vector is that of
/// the description, so it lies in the space of the text model and compares with its vectors.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Each vector's <see cref="Embedding.AdditionalProperties"/> hold the description under <see cref="DescriptionProperty"/>. What the describing used is in the
/// additional counts of the usage.
/// </remarks>
public sealed class DescribingEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    /// <summary>Key of the description in <see cref="Embedding.AdditionalProperties"/>.</summary>
    public const string DescriptionProperty = "polymodal.description";

    private readonly CloudEmbeddingGenerator<string> _text;
    private readonly CloudClient _client;
    private readonly CloudModel _model;
    private readonly CloudOptions _options;
    private readonly CloudDescriber _describer;

    internal DescribingEmbeddingGenerator(CloudEmbeddingGenerator<string> text, CloudClient client, CloudModel describingModel, CloudOptions options, CloudDescriber describer) =>
        (_text, _client, _model, _options, _describer) = (text, client, describingModel, options, describer);

    /// <summary>Describes and embeds.</summary>
    /// <param name="values">Pictures or sounds; none is a call without cost.</param>
    /// <param name="options">For the text model; <c>ModelId</c>, when given, must be its name.</param>
    /// <param name="cancellationToken">Ends the call at once.</param>
    /// <returns>One vector an input, in the order given, with its description.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">An input is empty, or of a kind that is not taken. Nothing was sent.</exception>
    /// <exception cref="CloudServiceException">
    /// The service failed, or could not describe an input: it refused, or the description broke off. <see cref="CloudServiceException.Completed"/> has what was computed before.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        CloudInput[] inputs = CloudInputs.Prepare<DataContent>([.. values], _client.Service.Name, _model, null, _options);
        string?[] descriptions = new string?[inputs.Length];
        return await CloudTelemetry.MeasureAsync("describe", _client.Service.Name, _model.Id, _options.Time, async usage =>
        {
            Exception? failure = await CloudBatches.RunAsync(
                CloudBatches.Split(inputs.Length, 1, null, long.MaxValue, _ => 0, _ => 0),
                (range, stopped) => DescribeAsync(inputs[range.Start], range, stopped), cancellationToken).ConfigureAwait(false);

            // Descriptions are paid for: those that there are become vectors even when another failed.
            int[] places = [.. Enumerable.Range(0, inputs.Length).Where(i => descriptions[i] is not null)];
            GeneratedEmbeddings<Embedding<float>> embedded;
            try
            {
                embedded = await _text.GenerateAsync([.. places.Select(place => descriptions[place]!)], options, cancellationToken).ConfigureAwait(false);
            }
            catch (CloudServiceException exception)
            {
                exception.SetCompleted(
                    inputs.Length, exception.Completed.ToDictionary(pair => places[pair.Key], pair => Marked(pair.Value, descriptions[places[pair.Key]]!)), exception.CompletedUsage);
                throw;
            }

            for (int i = 0; i < places.Length; i++)
                Marked(embedded[i], descriptions[places[i]]!);
            if (usage.Details() is { } used)
                (embedded.Usage ??= new()).Add(used);
            if (failure is null)
                return embedded;
            if (failure is CloudServiceException service)
                service.SetCompleted(inputs.Length, places.Select((place, i) => (place, embedded[i])).ToDictionary(pair => pair.place, pair => pair.Item2), embedded.Usage);
            throw failure;

            Task<bool> DescribeAsync(CloudInput input, CloudRange range, Func<bool> stopped) => _client.InPlaceAsync(async () =>
            {
                if (stopped())
                    return false;
                (descriptions[range.Start], IReadOnlyDictionary<string, long> units) = await _describer(_client, input, range.Describe(inputs.Length), cancellationToken).ConfigureAwait(false);
                usage.Add(new(null, units));
                return true;
            }, cancellationToken);
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(EmbeddingSpace) ? Described(_text.GetService<EmbeddingSpace>())
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _text.GetService<EmbeddingGeneratorMetadata>()
            : null;
    }

    /// <summary>Ends requests under way and closes the connections. May be called again.</summary>
    public void Dispose()
    {
        _text.Dispose();
        _client.Dispose();
    }

    private Embedding<float> Marked(Embedding<float> embedding, string description)
    {
        embedding.AdditionalProperties![DescriptionProperty] = description;
        embedding.AdditionalProperties[EmbeddingSpace.FingerprintProperty] = $"{embedding.AdditionalProperties[EmbeddingSpace.FingerprintProperty]} described by {_model.Id}";
        return embedding;
    }

    private EmbeddingSpace? Described(EmbeddingSpace? space) => space is null ? null : space with { Fingerprint = $"{space.Fingerprint} described by {_model.Id}" };
}

/// <summary>Describes one input.</summary>
/// <returns>The words, not empty, and what they used by the names of the units.</returns>
internal delegate Task<(string Text, IReadOnlyDictionary<string, long> Units)> CloudDescriber(CloudClient client, CloudInput input, string where, CancellationToken cancellationToken);
