using System.Runtime.ExceptionServices;
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
/// A caller that cancels fails no other. A call that fails leaves only what its exception says was computed (<see cref="IPartialEmbeddings"/>), so that the next call asks for the rest;
/// whoever only waited for a part of it tries by himself. A cache that fails is logged, and the call goes on without it. Vectors come back with model, time, space and fingerprint, fresh or not; other properties
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
        string identity = Identity();
        CacheKey? common = CacheKey.For(identity, options);
        string?[] keys = [.. inputs.Select(input => input is null ? null : common?.Of(input))];
        if (inputs.Length == 0 || keys.Contains(null))
            return await InnerGenerator.GenerateAsync(inputs, options, cancellationToken).ConfigureAwait(false);

        var byKey = new Dictionary<string, TInput>(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Length; i++)
            byKey.TryAdd(keys[i]!, inputs[i]);
        var call = new Call(identity, keys!, byKey, options?.Clone());
        await LookUpAsync([.. byKey.Keys], call.Found, cancellationToken).ConfigureAwait(false);
        while (call.Missing is { Count: > 0 } missing)
            await ComputeAsync(missing, call, cancellationToken).ConfigureAwait(false);

        // Every place gets a vector of its own, equal inputs too: what one caller does with it, no other sees.
        return new GeneratedEmbeddings<Embedding<float>>(keys.Select(key => call.Vector(key!))) { Usage = call.Usage };
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

                if (flight != own)
                    continue;
                if (result.Usage is not null)
                    call.Usage.Add(result.Usage);
                if (result.Failure is not null)
                {
                    ((IPartialEmbeddings)result.Failure).SetCompleted(call.Keys.Count, call.Completed, result.Usage is null ? null : call.Usage);
                    ExceptionDispatchInfo.Throw(result.Failure);
                }
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
        try
        {
            GeneratedEmbeddings<Embedding<float>> embeddings = await InnerGenerator
                .GenerateAsync([.. flight.Keys.Select(key => call.Inputs[key])], call.Options, flight.Abandoned).ConfigureAwait(false);
            InnerAnswer.EnsureCount(embeddings, flight.Keys.Count);
            return new FlightResult(await KeepAsync(flight, call, embeddings.Index()).ConfigureAwait(false), embeddings.Usage);
        }
        catch (Exception exception) when (exception is IPartialEmbeddings)
        {
            // What was computed may have been paid for: it is kept, and only the rest fails.
            var partial = (IPartialEmbeddings)exception;
            IEnumerable<(int, Embedding<float>)> completed = partial.InputCount != flight.Keys.Count ? []
                : partial.Completed.Where(pair => IsOurs(pair.Value, call.Options)).Select(pair => (pair.Key, pair.Value));
            return new FlightResult(await KeepAsync(flight, call, completed).ConfigureAwait(false), partial.CompletedUsage, exception);
        }
    }

    // A generator between may have changed its vectors and let the exception pass as it was: then they are not those that this one gives.
    private bool IsOurs(Embedding<float> vector, EmbeddingGenerationOptions? options) =>
        options?.Dimensions is { } dimensions ? vector.Vector.Length == dimensions
            : InnerGenerator.GetService<EmbeddingSpace>() is not { } space || space.Fingerprint.Equals(vector.AdditionalProperties?.GetValueOrDefault(EmbeddingSpace.FingerprintProperty));

    private async Task<Dictionary<string, byte[]>> KeepAsync(Flight flight, Call call, IEnumerable<(int Place, Embedding<float> Vector)> vectors)
    {
        (string Key, Embedding<float> Vector)[] found = [.. vectors.Select(item => (flight.Keys[item.Place], item.Vector))];
        var entries = found.ToDictionary(item => item.Key, item => CacheEntry.Write(item.Key, item.Vector), StringComparer.Ordinal);
        if (entries.Count == 0)
            return entries;
        try
        {
            // A generator may know its space only after its first answer. Later calls look under the name that it has then.
            string identity = Identity();
            IEnumerable<KeyValuePair<string, byte[]>> stored = identity == call.Identity ? entries : found
                .Select(item => (Key: CacheKey.For(identity, call.Options)!.Of(call.Inputs[item.Key])!, item.Vector)).Select(item => KeyValuePair.Create(item.Key, CacheEntry.Write(item.Key, item.Vector)));
            await _cache.SetAsync([.. stored.Select(entry => KeyValuePair.Create(entry.Key, new ReadOnlyMemory<byte>(entry.Value)))], flight.Abandoned).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The vectors are there; that they could not be kept is no reason to lose them.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogCacheFailed(exception, "write");
        }

        return entries;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The embedding cache failed ({Operation}); the call goes on without it")]
    private partial void LogCacheFailed(Exception exception, string operation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The embedding cache gave a damaged entry under {Key}; it is computed again")]
    private partial void LogDamaged(string key);

    /// <summary>What one call is about and has so far.</summary>
    private sealed record Call(string Identity, IReadOnlyList<string> Keys, IReadOnlyDictionary<string, TInput> Inputs, EmbeddingGenerationOptions? Options)
    {
        public Dictionary<string, ReadOnlyMemory<byte>> Found { get; } = new(StringComparer.Ordinal);

        public UsageDetails Usage { get; } = new() { InputTokenCount = 0, TotalTokenCount = 0 };

        /// <summary>The vectors that there are, by place.</summary>
        public IReadOnlyDictionary<int, Embedding<float>> Completed => Keys.Index().Where(item => Found.ContainsKey(item.Item)).ToDictionary(item => item.Index, item => Vector(item.Item));

        public Embedding<float> Vector(string key) => CacheEntry.Read(key, Found[key])!;

        public List<string> Missing => [.. Inputs.Keys.Where(key => !Found.ContainsKey(key))];
    }
}
