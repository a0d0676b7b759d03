using Microsoft.Extensions.Configuration;

namespace Polymodal.Providers.Cloud;

/// <summary>How a service is called. Copied and checked once, when its generator is registered.</summary>
/// <remarks>Key, address and model are looked for here, then in <see cref="Configuration"/>, then in the environment variables that the service's own libraries read.</remarks>
public class CloudOptions
{
    /// <summary>The key. It is sent in a header and appears nowhere else. Default null: from <see cref="Configuration"/>, then from the environment.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gives an access token for each attempt, in place of a key (Microsoft Entra, Google, …). It is asked often: let it keep its token.</summary>
    public Func<CancellationToken, ValueTask<string>>? TokenProvider { get; set; }

    /// <summary>The base address, path included, with or without a slash at its end. It must be https, unless it is this machine or <see cref="AllowInsecureEndpoint"/> is set.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Allows http to other machines, for servers of your own network. Default false: inputs and keys would be readable on the way.</summary>
    public bool AllowInsecureEndpoint { get; set; }

    /// <summary>Where <c>ApiKey</c>, <c>Endpoint</c> and <c>Model</c> may stand, e.g. <c>builder.Configuration.GetSection("OpenAI")</c>.</summary>
    public IConfiguration? Configuration { get; set; }

    /// <summary>The model's name. Default null: the service's default model.</summary>
    public string? Model { get; set; }

    /// <summary>What the model can do, where the built-in list does not know it or is out of date. It names the model too.</summary>
    public CloudModel? ModelDetails { get; set; }

    /// <summary>Length of the vectors; null for the model's own. A call's <c>Dimensions</c> win over it.</summary>
    public int? Dimensions { get; set; }

    /// <summary>The form in which vectors travel. Default null: base64 where the service has it, else numbers. The others lose precision.</summary>
    public CloudEncoding? Encoding { get; set; }

    /// <summary>Scales every vector to unit length. Default true; services differ in it, by model and length.</summary>
    public bool Normalize { get; set; } = true;

    /// <summary>What becomes of too long inputs. Default: an error.</summary>
    public CloudTruncation Truncation { get; set; } = CloudTruncation.Error;

    /// <summary>Counts the tokens of a text, e.g. with the model's tokenizer. Default null: a careful estimate.</summary>
    public Func<string, int>? CountTokens { get; set; }

    /// <summary>Inputs of one request at most; null for the model's limit.</summary>
    public int? MaxInputsPerRequest { get; set; }

    /// <summary>Requests under way at once, over all callers; 1 to 1,000, default 4.</summary>
    public int MaxConcurrentRequests { get; set; } = 4;

    /// <summary>Bytes of one answer at most; above it the answer is refused. Default 128 MiB.</summary>
    public long MaxResponseBytes { get; set; } = 128L << 20;

    /// <summary>Time of one attempt at most, the whole answer included. Default 100 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How often a request is made again after a failure that may pass; 0 to 20, default 4.</summary>
    public int MaxRetries { get; set; } = 4;

    /// <summary>The longest single wait between attempts. A service that asks for a longer one is not asked again. Default 60 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time of a request at most, all attempts and waits included; a wait that would end later is not begun. Default 5 minutes.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Further headers of each request, e.g. <c>OpenAI-Organization</c> or <c>X-HF-Bill-To</c>.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What sends the requests, e.g. for a proxy. It must not follow redirects: they would carry the key to other hosts. It is not disposed. Default null: sockets with the system's TLS settings.</summary>
    public HttpMessageHandler? Transport { get; set; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>A checked copy.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    internal CloudOptions Validated()
    {
        Check(MaxConcurrentRequests is >= 1 and <= 1_000, nameof(MaxConcurrentRequests), MaxConcurrentRequests, "1 to 1,000");
        Check(MaxInputsPerRequest is null or >= 1, nameof(MaxInputsPerRequest), MaxInputsPerRequest, "at least 1");
        Check(Dimensions is null or >= 1, nameof(Dimensions), Dimensions, "at least 1");
        Check(MaxResponseBytes is >= 1_024 and <= int.MaxValue, nameof(MaxResponseBytes), MaxResponseBytes, "1 KiB to 2 GiB");
        Check(MaxRetries is >= 0 and <= 20, nameof(MaxRetries), MaxRetries, "0 to 20");
        Check(AttemptTimeout > TimeSpan.Zero && AttemptTimeout <= TimeSpan.FromHours(1), nameof(AttemptTimeout), AttemptTimeout, "above zero, at most 1 hour");
        Check(MaxRetryDelay >= TimeSpan.Zero, nameof(MaxRetryDelay), MaxRetryDelay, "not negative");
        Check(TotalTimeout > TimeSpan.Zero, nameof(TotalTimeout), TotalTimeout, "above zero");
        Check(Enum.IsDefined(Truncation), nameof(Truncation), Truncation, "Error or Cut");
        Check(Encoding is null || Enum.IsDefined(Encoding.Value), nameof(Encoding), Encoding, string.Join(", ", Enum.GetNames<CloudEncoding>()));
        ArgumentNullException.ThrowIfNull(Time);
        if (Transport is SocketsHttpHandler { AllowAutoRedirect: true } or HttpClientHandler { AllowAutoRedirect: true })
            throw new ArgumentException("Transport follows redirects, which would carry the key to other hosts. Set its AllowAutoRedirect to false.", nameof(Transport));
        if (Model is not null && ModelDetails is not null && Model != ModelDetails.Id)
            throw new ArgumentException($"Model is '{Model}', but ModelDetails describe '{ModelDetails.Id}'. Give one of the two.", nameof(Model));
        return (CloudOptions)MemberwiseClone();
    }

    /// <summary>A copy for asking once whether a service is there.</summary>
    internal CloudOptions ForProbing()
    {
        var copy = (CloudOptions)MemberwiseClone();
        (copy.MaxRetries, copy.AttemptTimeout) = (0, TimeSpan.FromSeconds(Math.Min(10, AttemptTimeout.TotalSeconds)));
        return copy;
    }

    private static void Check(bool valid, string name, object? value, string range)
    {
        if (!valid)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be {range}.");
    }
}
