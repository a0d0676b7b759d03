using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Polymodal.Delegating;

/// <summary>Computes each input once: what is in the cache is not computed, what is being computed for one caller is waited for by the others.</summary>
/// <typeparam name="TInput"><see cref="string"/> or <see cref="DataContent"/>.</typeparam>
/// <remarks>
/// <para>
/// Safe for concurrent use. The key covers the model's fingerprint, the intent, the dimensions and every other option, and the input; so models may
/// share a cache. A call with options that nobody can compare (<c>RawRepresentationFactory</c>, objects) goes past the cache.
/// </para>
/// <para>
/// A caller that cancels fails no other. A call that fails leaves nothing behind, and whoever only waited for a part of it tries by himself. A cache that
/// fails is logged, and the call goes on without it. Vectors come back with model, time, space and fingerprint, fresh or not; other properties
/// that the inner generator adds are lost. Usage counts only what this call made the inner generator compute.
/// </para>
/// </remarks>
public sealed partial class CachingEmbeddingGenerator<TInput> : DelegatingEmbeddingGenerator<TInput, Embedding<float>>
{
    private readonly IEmbeddingCache _cache;
    private readonly string? _identity;
    private readonly ILogger _logger;
    private readonly Flights _flights = new();

    /// <summary>Wraps a generator, which it owns from then on. The cache is not owned.</summary>
    /// <param name="inner">The generator.</param>
    /// <param name="cache">Where vectors are kept.</param>
    /// <param name="identity">What tells the model from any other. Default null: its fingerprint, or the names of provider, address and model.</param>
    /// <param name="logger">Where failures of the cache are logged; null for nowhere. No input is ever logged.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> or <paramref name="cache"/> is null.</exception>
    /// <exception cref="ArgumentException">The generator says nothing that tells its model from another, and <paramref name="identity"/> is null.</exception>
    public CachingEmbeddingGenerator(IEmbeddingGenerator<TInput, Embedding<float>> inner, IEmbeddingCache cache, string? identity = null, ILogger? logger = null)
        : base(inner)
    {
        ArgumentNullException.ThrowIfNull(cache);
        _cache = cache;
        _identity = identity;
        _logger = logger ?? NullLogger.Instance;
        _ = Identity();
    }

    /// <inheritdoc/>
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        TInput[] inputs = [.. values];
        CacheKey? common = CacheKey.For(Identity(), options);
        string?[] keys = [.. inputs.Select(input => input is null ? null : common?.Of(input))];
        if (inputs.Length == 0 || keys.Contains(null))
            return await InnerGenerator.GenerateAsync(inputs, options, cancellationToken).ConfigureAwait(false);

        var byKey = new Dictionary<string, TInput>(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Length; i++)
            byKey.TryAdd(keys[i]!, inputs[i]);
        var call = new Call(byKey, options?.Clone());
        await LookUpAsync([.. byKey.Keys], call.Found, cancellationToken).ConfigureAwait(false);
        while (call.Missing is { Count: > 0 } missing)
            await ComputeAsync(missing, call, cancellationToken).ConfigureAwait(false);

        // Every place gets a vector of its own, equal inputs too: what one caller does with it, no other sees.
        return new GeneratedEmbeddings<Embedding<float>>(keys.Select(key => CacheEntry.Read(key!, call.Found[key!])!)) { Usage = call.Usage };
    }

    private string Identity()
    {
        if (_identity is not null)
            return _identity;
        if (this.GetService<EmbeddingSpace>() is { } space)
            return space.Fingerprint;
        return this.GetService<EmbeddingGeneratorMetadata>() is { DefaultModelId: { } model } metadata
            ? $"{metadata.ProviderName} {metadata.ProviderUri} {model} {metadata.DefaultModelDimensions}"
            : throw new ArgumentException("The generator has neither an EmbeddingSpace nor a default model, so that its vectors could be taken for another model's. Say what it is with 'identity', or cache the generators behind it one by one.");
    }

    private async Task LookUpAsync(string[] keys, Dictionary<string, ReadOnlyMemory<byte>> found, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<ReadOnlyMemory<byte>?> entries = await _cache.GetAsync(keys, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < keys.Length; i++)
            {
                if (entries[i] is not { } entry)
                    continue;
                if (CacheEntry.Read(keys[i], entry) is not null)
                    found[keys[i]] = entry;
                else
                    LogDamaged(keys[i]);
            }
        }
#pragma warning disable CA1031 // A cache that fails, however it does, must not take the generator with it.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogCacheFailed(exception, "read");
        }
    }

    private async Task ComputeAsync(IReadOnlyList<string> missing, Call call, CancellationToken cancellationToken)
    {
        (IReadOnlyList<Flight> flights, Flight? own) = _flights.Board(missing, flight => FlyAsync(flight, call));
        try
        {
            foreach (Flight flight in flights)
            {
                FlightResult result;
                try
                {
                    result = await flight.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception) when (flight != own && !cancellationToken.IsCancellationRequested)
                {
                    continue; // It failed for another caller's reason, another input perhaps: what is missing is tried again.
                }

                foreach (string key in missing)
                {
                    if (result.Entries.TryGetValue(key, out byte[]? entry))
                        call.Found[key] = entry;
                }

                if (flight == own && result.Usage is not null)
                    call.Usage.Add(result.Usage);
            }
        }
        finally
        {
            foreach (Flight flight in flights)
                await _flights.LeaveAsync(flight).ConfigureAwait(false);
        }
    }

    private async Task<FlightResult> FlyAsync(Flight flight, Call call)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await InnerGenerator
            .GenerateAsync([.. flight.Keys.Select(key => call.Inputs[key])], call.Options, flight.Abandoned).ConfigureAwait(false);
        InnerAnswer.EnsureCount(embeddings, flight.Keys.Count);
        var entries = flight.Keys.Zip(embeddings, (key, embedding) => (key, CacheEntry.Write(key, embedding))).ToDictionary(entry => entry.key, entry => entry.Item2, StringComparer.Ordinal);
        try
        {
            await _cache.SetAsync([.. entries.Select(entry => KeyValuePair.Create(entry.Key, new ReadOnlyMemory<byte>(entry.Value)))], flight.Abandoned).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The vectors are there; that they could not be kept is no reason to lose them.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogCacheFailed(exception, "write");
        }

        return new FlightResult(entries, embeddings.Usage);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The embedding cache failed ({Operation}); the call goes on without it")]
    private partial void LogCacheFailed(Exception exception, string operation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The embedding cache gave a damaged entry under {Key}; it is computed again")]
    private partial void LogDamaged(string key);

    /// <summary>What one call is about and has so far.</summary>
    private sealed record Call(IReadOnlyDictionary<string, TInput> Inputs, EmbeddingGenerationOptions? Options)
    {
        public Dictionary<string, ReadOnlyMemory<byte>> Found { get; } = new(StringComparer.Ordinal);

        public UsageDetails Usage { get; } = new() { InputTokenCount = 0, TotalTokenCount = 0 };

        public List<string> Missing => [.. Inputs.Keys.Where(key => !Found.ContainsKey(key))];
    }
}
