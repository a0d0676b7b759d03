namespace Polymodal;

/// <summary>Media types and ranges of them, as frameworks and routes list what they take.</summary>
internal static class MediaTypePattern
{
    /// <summary>Whether one of the patterns covers a media type. Matching ignores case.</summary>
    /// <param name="patterns">Each exact (<c>image/png</c>) or a range (<c>image/*</c>).</param>
    /// <param name="mediaType">E.g. <c>image/png</c>; parameters after <c>;</c> are ignored.</param>
    public static bool Takes(IReadOnlyList<string> patterns, string mediaType)
    {
        ReadOnlySpan<char> type = mediaType;
        int parameters = type.IndexOf(';');
        if (parameters >= 0)
            type = type[..parameters];
        type = type.Trim();
        foreach (string pattern in patterns)
        {
            if (pattern.EndsWith("/*", StringComparison.Ordinal)
                ? type.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.OrdinalIgnoreCase)
                : type.Equals(pattern, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
