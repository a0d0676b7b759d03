namespace Polymodal.Providers.Cloud;

/// <summary>Base addresses: checked once, joined without losing a part of the path.</summary>
internal static class CloudEndpoint
{
    /// <summary>The address with a slash at its end.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="allowInsecure">Whether http to other machines is allowed.</param>
    /// <exception cref="ArgumentException">It is relative, has a name and password, a query or a fragment, or is neither https nor this machine.</exception>
    public static Uri Validated(Uri endpoint, bool allowInsecure)
    {
        if (!endpoint.IsAbsoluteUri)
            throw new ArgumentException("Endpoint is relative. Give the whole address, e.g. https://api.example.com/v1.", nameof(endpoint));
        string shown = endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        if (endpoint.UserInfo.Length > 0)
            throw new ArgumentException($"Endpoint {shown} holds a name or password. Leave them out: keys go into ApiKey.", nameof(endpoint));
        if (endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0)
            throw new ArgumentException($"Endpoint {shown} has a query or a fragment. Give the base address alone; keys go into ApiKey.", nameof(endpoint));
        if (endpoint.Scheme != Uri.UriSchemeHttps && !(endpoint.Scheme == Uri.UriSchemeHttp && (endpoint.IsLoopback || allowInsecure)))
            throw new ArgumentException($"Endpoint {shown} is not https: inputs and keys could be read on the way. Use https, or set AllowInsecureEndpoint for a server of your own network.", nameof(endpoint));
        return shown.EndsWith('/') ? new Uri(shown) : new Uri(shown + "/");
    }

    /// <summary>An address below the base. Joined as text: <see cref="Uri"/> would take <c>retrieval:vectorizeText</c> for a scheme.</summary>
    public static Uri Join(Uri endpoint, string path) => new(endpoint.AbsoluteUri + path.TrimStart('/'));
}
