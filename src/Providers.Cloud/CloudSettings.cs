namespace Polymodal.Providers.Cloud;

/// <summary>Finds key, address and model: in the options, in their configuration, in the environment.</summary>
internal static class CloudSettings
{
    /// <summary>The checked base address.</summary>
    /// <exception cref="ArgumentException">There is none, or it cannot be used.</exception>
    public static Uri EndpointOf(CloudService service, CloudOptions options)
    {
        string? found = options.Endpoint is { } given ? CloudEndpoint.Validated(given, options.AllowInsecureEndpoint).AbsoluteUri : Found(options, "Endpoint", service.EndpointVariables);
        string text = found is not null ? service.CompleteEndpoint?.Invoke(found) ?? found : service.Endpoint ?? throw new ArgumentException(
            $"{service.Name} has no address. Set {service.EndpointHint ?? $"Endpoint{(service.EndpointVariables is [var first, ..] ? $" or {first}" : "")}"}.");
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) ? CloudEndpoint.Validated(endpoint, options.AllowInsecureEndpoint)
            : throw new ArgumentException($"{service.Name}: the address is no absolute one. Give one such as https://api.example.com/v1.");
    }

    /// <summary>The key; null when there is none and none is needed.</summary>
    /// <exception cref="ArgumentException">There is none, or no header can carry it. The message does not hold it.</exception>
    public static string? KeyOf(CloudService service, CloudOptions options, Uri endpoint)
    {
        if (options.TokenProvider is not null)
            return null;
        if ((options.ApiKey ?? Found(options, "ApiKey", service.KeyVariables)) is { } key)
            return Checked(key, "ApiKey");
        FrameworkAvailability signing = service.SigningDetection?.Invoke(options) ?? FrameworkAvailability.Missing($"{service.KeyHint.Replace("ApiKey or ", "", StringComparison.Ordinal)} is not set. Set it, or ApiKey.");
        bool needed = service.NeedsKey && !(service.NeedsKeyOnlyAtHome && endpoint.Host != new Uri(service.Endpoint!).Host);
        return signing.IsAvailable || !needed ? null : throw new ArgumentException($"{service.Name}: {signing.Reason}");
    }

    /// <summary>The model's name; null when none is given.</summary>
    public static string? ModelOf(CloudOptions options) => options.Model ?? options.ModelDetails?.Id ?? Value(options.Configuration?["Model"]);

    /// <summary>Whether the service could be called, without calling it.</summary>
    public static FrameworkAvailability Detect(CloudService service, CloudOptions options, string model)
    {
        CheckModel(service, model);
        Uri endpoint = EndpointOf(service, options);
        bool hasKey = KeyOf(service, options, endpoint) is not null || options.TokenProvider is not null;
        return FrameworkAvailability.Found($"{endpoint.Authority}, {(hasKey ? "with a key" : service.SigningDetection is not null ? "with signed requests" : "without a key")}");
    }

    /// <summary>Throws where a service has no default model and none is named.</summary>
    /// <exception cref="ArgumentException">The name is missing.</exception>
    public static void CheckModel(CloudService service, string model)
    {
        if (model.Length == 0)
            throw new ArgumentException($"{service.Name} has no default model. Set Model to {service.ModelHint}.");
    }

    /// <summary>A variable of the environment that is set; null for none.</summary>
    public static string? Variable(string name) => Value(Environment.GetEnvironmentVariable(name));

    /// <summary>A key without the white space around it, if a header can carry it. Headers quote what they refuse, and keys appear in no message.</summary>
    public static string Checked(string key, string from)
    {
        key = key.Trim();
        int wrong = key.AsSpan().IndexOfAnyExceptInRange('!', '~');
        return key.Length == 0 ? throw new ArgumentException($"{from} gives an empty key.")
            : wrong >= 0 ? throw new ArgumentException($"{from} gives a key with a character (at {wrong} of {key.Length}) that no header can carry. Copy it again, without spaces, quotes and line ends.")
            : key;
    }

    private static string? Found(CloudOptions options, string name, IReadOnlyList<string> variables) =>
        Value(options.Configuration?[name]) ?? variables.Select(Variable).FirstOrDefault(value => value is not null);

    private static string? Value(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
