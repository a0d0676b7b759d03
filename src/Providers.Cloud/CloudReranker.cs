using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Polymodal.Providers.Cloud;

/// <summary>What one rerank request is about.</summary>
internal sealed record RerankBatch(string Model, string Query, IReadOnlyList<string> Documents, bool Cuts);

/// <summary>A score of an answer.</summary>
internal readonly record struct RerankScore(int Index, float Score);

/// <summary>One way to rerank at a service.</summary>
internal abstract record RerankApi
{
    public required CloudService Service { get; init; }

    /// <summary>The default model; empty where the server runs one.</summary>
    public required string DefaultModel { get; init; }

    /// <summary>Documents of one request at most.</summary>
    public required int MaxDocuments { get; init; }

    public required string Path { get; init; }

    public abstract Task<(IEnumerable<RerankScore> Scores, CloudUsage Usage)> SendAsync(CloudClient client, RerankBatch batch, string where, CancellationToken cancellationToken);
}

/// <inheritdoc cref="RerankApi"/>
internal sealed record RerankApi<TRequest, TResponse> : RerankApi
    where TResponse : class
{
    public required Func<RerankBatch, TRequest> ToRequest { get; init; }

    public required Func<TResponse, IEnumerable<RerankScore>?> ToScores { get; init; }

    public required Func<CloudAnswer<TResponse>, CloudUsage> Usage { get; init; }

    public required JsonSerializerContext Wire { get; init; }

    public override async Task<(IEnumerable<RerankScore> Scores, CloudUsage Usage)> SendAsync(CloudClient client, RerankBatch batch, string where, CancellationToken cancellationToken)
    {
        CloudAnswer<TResponse> answer = await client.PostAsync<TRequest, TResponse>(Path, ToRequest(batch), Wire, where, cancellationToken).ConfigureAwait(false);
        return (ToScores(answer.Value) ?? [], Usage(answer));
    }
}

/// <summary>Reranks at a service. Long lists are split, and halved where the service says "too many"; each answer must have one finite score a document.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class CloudReranker : IReranker
{
    private const long MaxBytes = 1_900_000;
    private readonly RerankApi _api;
    private readonly CloudOptions _options;
    private readonly CloudClient _client;

    private CloudReranker(RerankApi api, CloudOptions options, string model, ILoggerFactory? loggers)
    {
        (_api, _options) = (api, options);
        _client = new CloudClient(api.Service, options, model, (loggers ?? NullLoggerFactory.Instance).CreateLogger($"Polymodal.Providers.Cloud.{api.Service.Name}"));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="top"/> is below 1.</exception>
    /// <exception cref="CloudServiceException">The service failed or refused.</exception>
    public async Task<IReadOnlyList<ScoredIndex>> RerankAsync(string query, IReadOnlyList<string> documents, int? top = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(query);
        ArgumentNullException.ThrowIfNull(documents);
        if (top is { } wanted)
            ArgumentOutOfRangeException.ThrowIfLessThan(wanted, 1, nameof(top));
        string[] texts = [.. documents];
        int empty = Array.FindIndex(texts, string.IsNullOrEmpty);
        if (empty >= 0)
            throw new ArgumentException($"document {empty} of {texts.Length} is empty. Leave it out.", nameof(documents));

        float[] scores = new float[texts.Length];
        await CloudTelemetry.MeasureAsync("rerank", _api.Service.Name, _client.Model, _options.Time, async usage =>
        {
            int most = Math.Min(_options.MaxInputsPerRequest ?? _api.MaxDocuments, _api.MaxDocuments);
            IEnumerable<CloudRange> ranges = CloudBatches.Split(texts.Length, most, null, MaxBytes, _ => 0, i => System.Text.Encoding.UTF8.GetByteCount(texts[i]));
            Exception? failure = await CloudBatches.RunAsync(ranges, (range, stopped) => SendAsync(range, stopped, usage), cancellationToken).ConfigureAwait(false);
            return failure is null ? true : throw failure;
        }).ConfigureAwait(false);
        return [.. scores.Select((score, index) => new ScoredIndex(index, score)).OrderByDescending(match => match.Score).Take(top ?? texts.Length)];

        Task<bool> SendAsync(CloudRange range, Func<bool> stopped, CloudUsageSum usage) => _client.InPlaceAsync(async () =>
        {
            if (stopped())
                return false;
            string where = range.Describe(texts.Length, "document");
            var batch = new RerankBatch(_client.Model, query, new ArraySegment<string>(texts, range.Start, range.Count), _options.Truncation == CloudTruncation.Cut);
            (IEnumerable<RerankScore> answer, CloudUsage used) = await _api.SendAsync(_client, batch, where, cancellationToken).ConfigureAwait(false);
            usage.Add(used);
            var seen = new HashSet<int>();
            foreach (RerankScore score in answer)
            {
                if (score.Index < 0 || score.Index >= range.Count || !seen.Add(score.Index) || !float.IsFinite(score.Score))
                    throw _client.InvalidAnswer(where, $"the score {score.Score} with index {score.Index}", "Try again; if it stays, report it to the service.");
                scores[range.Start + score.Index] = score.Score;
            }

            return seen.Count == range.Count ? true : throw _client.InvalidAnswer(where, $"{seen.Count} scores for {range.Count} documents", "Try again; if it stays, report it to the service.");
        }, cancellationToken);
    }

    /// <summary>Ends requests under way and closes the connections. May be called again.</summary>
    public void Dispose() => _client.Dispose();

    /// <summary>Registers a service's reranker, with its name as service key and without a key.</summary>
    internal static IServiceCollection Add(IServiceCollection services, RerankApi api, Action<CloudOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new CloudOptions();
        configure?.Invoke(options);
        options = options.Validated();
        services.AddKeyedSingleton<IReranker>(api.Service.Name, (provider, _) => new CloudReranker(api, options, CloudSettings.ModelOf(options) ?? api.DefaultModel, provider.GetService<ILoggerFactory>()));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IReranker>(api.Service.Name));
        return services;
    }
}
