using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Polymodal.Providers.Cloud;

/// <summary>What an answer says about a failure, whatever its shape: an object, an array, a string, plain text, a page of HTML or nothing.</summary>
internal sealed record CloudError
{
    private const int MaxMessage = 300, MaxText = 4_096;
    private static readonly string[] RequestIdHeaders = ["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "nvcf-reqid"];

    public required HttpStatusCode Status { get; init; }

    /// <summary>The service's own words, one line, cut; null when it gave none.</summary>
    public string? Message { get; init; }

    public string? Code { get; init; }

    public string? RequestId { get; init; }

    /// <summary>How long to wait, by headers or body; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The beginning of the body.</summary>
    public string Text { get; init; } = "";

    /// <summary>Whether any of the texts occurs in the body.</summary>
    public bool Says(params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            if (Text.Contains(text, StringComparison.OrdinalIgnoreCase) || Message?.Contains(text, StringComparison.OrdinalIgnoreCase) == true)
                return true;
        }

        return false;
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="response">Status and headers.</param>
    /// <param name="request">What it answers. Whatever the request proved itself with is taken out of every text.</param>
    /// <param name="body">The body.</param>
    /// <param name="service">The service.</param>
    /// <param name="now">For waits that are given as a date.</param>
    public static CloudError Read(HttpResponseMessage response, HttpRequestMessage request, ReadOnlySpan<byte> body, CloudService service, DateTimeOffset now)
    {
        string text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, 4 * MaxText)]);
        foreach (string secret in service.Secrets(request.Headers))
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        string? message = null, code = null, requestId = RequestIdHeaders.Select(name => Header(response.Headers, name)).FirstOrDefault(value => value is not null);
        TimeSpan? retryInfo = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 1 ? array[0] : document.RootElement;
            JsonElement error = Property(root, "error") is { ValueKind: JsonValueKind.Object } inner ? inner : root;
            message = Words(Property(error, "message")) ?? Words(Property(error, "error")) ?? Words(Property(error, "detail")) ?? Words(Property(error, "title"))
                ?? Words(Property(root, "message")) ?? Words(Property(root, "detail")) ?? (root.ValueKind == JsonValueKind.String ? root.GetString() : null);
            code = Scalar(Property(error, "code")) is { } found && found != ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture) ? found
                : Scalar(Property(error, "status")) is { } status && !int.TryParse(status, out _) ? status
                : Scalar(Property(error, "error_type")) ?? Scalar(Property(error, "type"));
            requestId ??= Scalar(Property(root, "request_id")) ?? Scalar(Property(root, "id"));
            retryInfo = RetryInfo(error);
        }
        catch (JsonException)
        {
            message = text.TrimStart().StartsWith('<') ? "an HTML page" : string.IsNullOrWhiteSpace(text) ? null : text;
        }

        return new CloudError
        {
            Status = response.StatusCode,
            Message = OneLine(message, MaxMessage),
            Code = OneLine(code, 64),
            RequestId = OneLine(requestId, 128),
            RetryAfter = CloudWait.Read(response.Headers, now) ?? retryInfo,
            Text = text.Length > MaxText ? text[..MaxText] : text,
        };
    }

    /// <summary>The kind of failure, and the exception that says so.</summary>
    /// <param name="api">The service.</param>
    /// <param name="model">The model asked for.</param>
    /// <param name="where">Which inputs, e.g. <c>inputs 96–191 of 500</c>.</param>
    /// <param name="attempts">How often the request was made.</param>
    public CloudServiceException ToException(CloudService api, string model, string where, int attempts)
    {
        bool tooMany = api.IsTooMany(this);
        CloudFailure failure = api.IsWrongKey(this) ? CloudFailure.Authentication : Status switch
        {
            HttpStatusCode.PaymentRequired => CloudFailure.Quota,
            HttpStatusCode.Forbidden when api.IsFinal(this) => CloudFailure.Quota,
            HttpStatusCode.TooManyRequests => api.IsFinal(this) ? CloudFailure.Quota : CloudFailure.RateLimit,
            HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError => CloudFailure.Unavailable,
            >= HttpStatusCode.BadRequest => CloudFailure.InvalidRequest,
            _ => CloudFailure.InvalidAnswer,
        };
        string advice = failure switch
        {
            CloudFailure.Authentication => $"Check the key ({api.KeyHint}) and what it may do.",
            CloudFailure.Quota => "The quota is used up: see the account's plan and billing.",
            CloudFailure.RateLimit => $"{(RetryAfter is { } wait ? $"Wait {wait.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s" : "Wait")} or lower MaxConcurrentRequests.",
            CloudFailure.Unavailable => "Try again later.",
            CloudFailure.InvalidAnswer when (int)Status is >= 300 and < 400 => "Redirects are not followed, since they would carry the key to another host. Set Endpoint to the new address.",
            CloudFailure.InvalidAnswer => "Check Endpoint: it must be this service's base address.",
            _ when Status == HttpStatusCode.NotFound => "Check the model's name and Endpoint.",
            _ when tooMany => "Lower MaxInputsPerRequest.",
            _ => "Change the input or the options that it names.",
        };
        string tries = attempts > 1 ? $" after {attempts} attempts" : "";
        string request = RequestId is null ? "" : $", request {RequestId}";
        string words = Message is null ? "" : $": \"{Message}\"";
        return new CloudServiceException(failure, $"{api.Name} answered {(int)Status} for model {model}, {where}{tries}{request}{words}. {advice}", Status)
        {
            Code = Code,
            RequestId = RequestId,
            RetryAfter = RetryAfter,
            ResponseText = Text.Length > 0 ? Text : null,
            IsTooMany = tooMany,
        };
    }

    private static string? Header(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static JsonElement? Property(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out JsonElement property) ? property : null;

    private static string? Scalar(JsonElement? element) => element switch
    {
        { ValueKind: JsonValueKind.String } text when text.GetString()!.Length > 0 => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>A message: a text, or the texts of a list of texts or of objects with <c>msg</c> and <c>loc</c>.</summary>
    private static string? Words(JsonElement? element) => element switch
    {
        { ValueKind: JsonValueKind.String } => Scalar(element),
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(item => Words(item)).Where(text => text is not null).ToArray() is { Length: > 0 } texts ? string.Join("; ", texts) : null,
        { ValueKind: JsonValueKind.Object } item => Property(item, "loc") is { ValueKind: JsonValueKind.Array } places
            ? $"{string.Join(".", places.EnumerateArray().Select(place => Scalar(place)))}: {Scalar(Property(item, "msg"))}"
            : Words(Property(item, "message")) ?? Scalar(Property(item, "msg")) ?? Words(Property(item, "detail")),
        _ => null,
    };

    /// <summary>Google's <c>details[].retryDelay</c>.</summary>
    private static TimeSpan? RetryInfo(JsonElement error)
    {
        if (Property(error, "details") is not { ValueKind: JsonValueKind.Array } details)
            return null;
        foreach (JsonElement detail in details.EnumerateArray())
        {
            if (Scalar(Property(detail, "retryDelay")) is { } delay && CloudWait.Duration(delay) is { } wait)
                return wait;
        }

        return null;
    }

    private static string? OneLine(string? text, int length)
    {
        if (text is null)
            return null;
        var line = new StringBuilder(Math.Min(text.Length, length));
        foreach (char character in text)
        {
            if (line.Length == length)
                return line.Append('…').ToString();
            line.Append(char.IsControl(character) ? ' ' : character);
        }

        return line.ToString().Trim();
    }
}
