using System.Net;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Polymodal.Providers.Cloud;

/// <summary>
/// The one place where requests are made again. An attempt is the whole answer: a body that breaks off or drips is a failed attempt too, so that what it gives is complete.
/// </summary>
/// <remarks>
/// Worth another attempt are no connection, a broken one, no answer in time, and the answers 408, 429, 500, 502, 503 and 504 (and those of <see cref="CloudService.AlsoRetry"/>),
/// but not a 429 that says the quota is used up. The wait is what the service asks for, else up to half a second doubled each time, at random from zero. A wait that is longer than
/// <see cref="CloudOptions.MaxRetryDelay"/> or ends after <see cref="CloudOptions.TotalTimeout"/> is not begun: the failure is given back at once.
/// </remarks>
internal sealed partial class CloudRetryHandler : DelegatingHandler
{
    /// <summary>Where a response's request says how often it was made.</summary>
    public static readonly HttpRequestOptionsKey<int> Attempts = new("polymodal.attempts");

    private static readonly ResiliencePropertyKey<TimeSpan> NextWait = new("polymodal.wait");
    private static readonly ResiliencePropertyKey<HttpRequestMessage> Request = new("polymodal.request");
    private static readonly ResiliencePropertyKey<long> Start = new("polymodal.start");
    private readonly CloudService _service;
    private readonly CloudOptions _options;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    public CloudRetryHandler(CloudService service, CloudOptions options, ILogger logger, HttpMessageHandler inner)
        : base(inner)
    {
        (_service, _options, _logger) = (service, options, logger);
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = options.Time };
        if (options.MaxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.MaxRetries,
                ShouldHandle = ShouldRetryAsync,
                DelayGenerator = arguments => new(arguments.Context.Properties.GetValue(NextWait, TimeSpan.Zero)),
                OnRetry = arguments =>
                {
                    LogRetry(service.Name, arguments.AttemptNumber + 1, arguments.Outcome.Result is { } response ? (int)response.StatusCode : 0, arguments.RetryDelay.TotalSeconds);
                    CloudTelemetry.Retries.Add(1, new KeyValuePair<string, object?>("gen_ai.provider.name", service.Name));
                    return default;
                },
            });
        }

        _pipeline = builder.AddTimeout(new TimeoutStrategyOptions { Timeout = options.AttemptTimeout }).Build();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Request, request);
        context.Properties.Set(Start, _options.Time.GetTimestamp());
        try
        {
            return await _pipeline.ExecuteAsync(static (context, handler) => handler.AttemptAsync(context), context, this).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<HttpResponseMessage> AttemptAsync(ResilienceContext context)
    {
        HttpRequestMessage request = context.Properties.GetValue(Request, null!);
        request.Options.TryGetValue(Attempts, out int before);
        request.Options.Set(Attempts, before + 1);
        HttpResponseMessage response = await base.SendAsync(request, context.CancellationToken).ConfigureAwait(false);
        try
        {
            using HttpContent content = response.Content;
            BufferedContent buffered = await BufferedContent.ReadAsync(content, _options.MaxResponseBytes, context.CancellationToken).ConfigureAwait(false);
            foreach ((string name, IEnumerable<string> values) in content.Headers)
                buffered.Headers.TryAddWithoutValidation(name, values);
            response.Content = buffered;
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private ValueTask<bool> ShouldRetryAsync(RetryPredicateArguments<HttpResponseMessage> arguments)
    {
        TimeSpan? asked = null;
        if (arguments.Outcome.Result is { } response)
        {
            int status = (int)response.StatusCode;
            if (status is not (408 or 429 or 500 or 502 or 503 or 504) && !_service.AlsoRetry.Contains(status))
                return new(false);
            CloudError error = CloudError.Read(
                response, arguments.Context.Properties.GetValue(Request, null!), ((BufferedContent)response.Content).Bytes.Span, _service, _options.Time.GetUtcNow());
            if ((response.StatusCode == HttpStatusCode.TooManyRequests && _service.IsFinal(error)) || _service.IsTooMany(error))
                return new(false);
            asked = error.RetryAfter;
        }
        else if (!IsTransient(arguments.Outcome.Exception) || arguments.Context.CancellationToken.IsCancellationRequested)
        {
            return new(false);
        }

        TimeSpan wait = asked ?? Backoff(arguments.AttemptNumber);
        TimeSpan elapsed = _options.Time.GetElapsedTime(arguments.Context.Properties.GetValue(Start, 0));
        if (wait > _options.MaxRetryDelay || elapsed + wait > _options.TotalTimeout)
            return new(false);
        arguments.Context.Properties.Set(NextWait, wait);
        return new(true);
    }

    private static bool IsTransient(Exception? exception) => exception switch
    {
        AnswerTooLargeException => false,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.UserAuthenticationError } => false,
        HttpRequestException or IOException or TimeoutRejectedException => true,
        _ => false,
    };

    /// <summary>Full jitter: clients that failed together do not come back together.</summary>
    private TimeSpan Backoff(int failuresBefore)
    {
        double longest = Math.Min(_options.MaxRetryDelay.TotalSeconds, 0.5 * Math.Pow(2, failuresBefore));
        return TimeSpan.FromSeconds(longest * Random.Shared.NextDouble());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Provider}: attempt {Attempt} failed (status {Status}, 0 for none); the next one in {Seconds} s")]
    private partial void LogRetry(string provider, int attempt, int status, double seconds);
}
