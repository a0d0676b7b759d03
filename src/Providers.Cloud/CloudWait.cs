using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Polymodal.Providers.Cloud;

/// <summary>How long a service wants a client to wait, in the headers that services use for it.</summary>
/// <remarks>
/// In this order: <c>retry-after-ms</c>, <c>x-ms-retry-after-ms</c>, <c>Retry-After</c> (seconds or a date), <c>RateLimit: …;t=</c> with <c>r=0</c>, and
/// <c>x-ratelimit-reset*</c> whose <c>remaining</c> is 0 (a duration such as <c>6m0s</c>, seconds, or seconds since 1970).
/// </remarks>
internal static partial class CloudWait
{
    private const double LeastUnixTime = 1e9, LongestSeconds = 1e7;

    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        foreach (string name in (ReadOnlySpan<string>)["retry-after-ms", "x-ms-retry-after-ms"])
        {
            if (Number(Header(headers, name)) is { } milliseconds)
                return Seconds(milliseconds / 1000);
        }

        if (Header(headers, "Retry-After") is { } after)
        {
            if (Number(after) is { } seconds)
                return Seconds(seconds);
            if (DateTimeOffset.TryParse(after, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
                return Seconds((date - now).TotalSeconds);
        }

        if (Header(headers, "RateLimit") is { } limit && RateLimit().Match(limit) is { Success: true } match)
            return Number(match.Groups[1].Value) is { } reset ? Seconds(reset) : null;

        TimeSpan? longest = null;
        foreach (string kind in (ReadOnlySpan<string>)["", "-requests", "-tokens"])
        {
            if (Header(headers, $"x-ratelimit-reset{kind}") is { } reset && (Header(headers, $"x-ratelimit-remaining{kind}") ?? (kind.Length == 0 ? "0" : null)) == "0" && Reset(reset, now) is { } wait
                && (longest is null || wait > longest))
                longest = wait;
        }

        return longest;
    }

    /// <summary>Reads <c>34s</c>, <c>1.5s</c>, <c>6m0s</c>, <c>1h2m3s</c> or <c>20ms</c>; null for anything else.</summary>
    public static TimeSpan? Duration(string text)
    {
        Match match = GoDuration().Match(text);
        if (!match.Success || text.Length == 0)
            return null;
        double Part(int group) => Number(match.Groups[group].Value) ?? 0;
        return Seconds((Part(1) * 3600) + (Part(2) * 60) + Part(3) + (Part(4) / 1000));
    }

    private static TimeSpan? Reset(string text, DateTimeOffset now) =>
        Number(text) is not { } number ? Duration(text) : Seconds(number >= LeastUnixTime ? number - (now.ToUnixTimeMilliseconds() / 1000.0) : number);

    private static string? Header(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault()?.Trim() : null;

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestSeconds));

    [GeneratedRegex(@"r=0\s*;\s*t=(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex RateLimit();

    [GeneratedRegex(@"^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$")]
    private static partial Regex GoDuration();
}
