namespace Polymodal.VectorStore;

/// <summary>How a <see cref="QdrantVectorStore"/> uses its server.</summary>
public sealed class QdrantVectorStoreOptions
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>Where the server's REST interface is; by default <c>http://localhost:6333</c>. With <c>https</c> the <see cref="HttpClient"/>'s handler checks the certificate.</summary>
    public Uri Endpoint { get; set; } = new("http://localhost:6333");

    /// <summary>The key the server asks for; null, the default, when it asks for none. It is sent as a header and appears in no message.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Begins the names of this store's collections in the server, so that several stores can share one; named like a collection, by default "polymodal".</summary>
    public string Prefix { get; set; } = "polymodal";

    /// <summary>Shards of new collections; at least 1, or null for the server's default.</summary>
    public int? ShardNumber { get; set; }

    /// <summary>Copies of each shard of new collections; at least 1, or null for the server's default.</summary>
    public int? ReplicationFactor { get; set; }

    /// <summary>How many copies of a new collection must have taken a write before it counts as done; at least 1, or null for the server's default.</summary>
    public int? WriteConsistencyFactor { get; set; }

    /// <summary>Whether new collections keep vectors on disk instead of in memory; by default false.</summary>
    public bool VectorsOnDisk { get; set; }

    /// <summary>Candidates an approximate search looks at, at least (<c>hnsw_ef</c>); 1 to 100,000, by default 128.</summary>
    public int SearchCandidates { get; set; } = 128;

    /// <summary>How long one request may take; above 0, at most 1 hour, by default 60 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a request is tried again that met a broken connection, an overloaded or a restarting server (429, 500, 502, 503, 504), with pauses of 0.2, 0.4, 0.8 … seconds; 0 to 10, by default 3.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal QdrantVectorStoreOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(Endpoint);
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https"))
            throw new ArgumentException("Endpoint must be an http or https address, like http://localhost:6333.", nameof(Endpoint));
        VectorRules.CheckName(Prefix);
        foreach ((string name, int? value, int most) in (ReadOnlySpan<(string, int?, int)>)
            [(nameof(ShardNumber), ShardNumber, int.MaxValue), (nameof(ReplicationFactor), ReplicationFactor, int.MaxValue), (nameof(WriteConsistencyFactor), WriteConsistencyFactor, int.MaxValue), (nameof(SearchCandidates), SearchCandidates, 100_000)])
        {
            if (value < 1 || value > most)
                throw new ArgumentOutOfRangeException(name, value, $"{name} must be 1 to {most}.");
        }

        if (Retries is < 0 or > 10)
            throw new ArgumentOutOfRangeException(nameof(Retries), Retries, "Retries must be 0 to 10.");
        if (Timeout <= TimeSpan.Zero || Timeout > LongestTimeout)
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, $"Timeout must be above 0 and at most {LongestTimeout}.");
        return (QdrantVectorStoreOptions)MemberwiseClone();
    }
}
