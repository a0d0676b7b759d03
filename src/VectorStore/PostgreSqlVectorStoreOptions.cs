namespace Polymodal.VectorStore;

/// <summary>Which index of pgvector an approximate search uses.</summary>
public enum PostgreSqlIndex
{
    /// <summary>None: every search compares all vectors.</summary>
    None,

    /// <summary>A graph; good from the first record on. Writing is slower with it.</summary>
    Hnsw,

    /// <summary>Lists around centres that are found when the index is built: build it with <see cref="PostgreSqlVectorStore.ReindexAsync"/> once records are there.</summary>
    IvfFlat,
}

/// <summary>How a <see cref="PostgreSqlVectorStore"/> uses its server.</summary>
public sealed class PostgreSqlVectorStoreOptions
{
    internal const int LargestEfSearch = 1000, LargestLists = 32768;
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>The schema that holds the tables, made when it is missing; 1 to 63 letters of a to z, digits and <c>_</c>, by default "polymodal". Stores in two schemas know nothing of each other.</summary>
    public string Schema { get; set; } = "polymodal";

    /// <summary>Whether to run <c>CREATE EXTENSION vector</c> where it is missing, which needs the right to; by default true.</summary>
    public bool CreateExtension { get; set; } = true;

    /// <summary>The index of new collections, for approximate searches; by default <see cref="PostgreSqlIndex.Hnsw"/>. Vectors of more than 2,000 dimensions have none. An exact search, the default, never uses it.</summary>
    public PostgreSqlIndex Index { get; set; } = PostgreSqlIndex.Hnsw;

    /// <summary>Neighbours a node of a new HNSW index keeps (<c>m</c>); 2 to 100, by default 16.</summary>
    public int HnswNeighbours { get; set; } = 16;

    /// <summary>Candidates looked at while a new HNSW index takes in a vector (<c>ef_construction</c>); 4 to 1000 and at least twice the neighbours, by default 64.</summary>
    public int HnswBuildCandidates { get; set; } = 64;

    /// <summary>Candidates an approximate search over an HNSW index looks at, at least (<c>ef_search</c>); 1 to 1000, by default 100.</summary>
    public int HnswSearchCandidates { get; set; } = 100;

    /// <summary>Lists of a new IVFFlat index; 1 to 32,768, by default 100. About a thousandth of the records is good.</summary>
    public int IvfLists { get; set; } = 100;

    /// <summary>Lists an approximate search over an IVFFlat index looks at; 1 to 32,768, by default 10.</summary>
    public int IvfProbes { get; set; } = 10;

    /// <summary>Whether batches of 200 records and more are sent by <c>COPY</c>; by default true. Turn it off for servers and proxies that do not know it.</summary>
    public bool UseCopy { get; set; } = true;

    /// <summary>How long a statement may take; above 0, at most 1 hour, by default 60 seconds.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a call that met a restarting server, a broken connection or a deadlock is tried again, with pauses of 0.2, 0.4, 0.8 … seconds; 0 to 10, by default 3.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal PostgreSqlVectorStoreOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(Schema);
        if (Schema.Length is 0 or > 63 || !Schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') || char.IsAsciiDigit(Schema[0]) || Schema.StartsWith("pg_", StringComparison.Ordinal))
            throw new ArgumentException($"Schema is '{VectorRules.Shown(Schema)}'. Use 1 to 63 characters out of a-z, 0-9 and '_', no digit first, and not 'pg_…'.", nameof(Schema));
        if (!Enum.IsDefined(Index))
            throw new ArgumentOutOfRangeException(nameof(Index), Index, $"Index must be one of {string.Join(", ", Enum.GetNames<PostgreSqlIndex>())}.");
        Check(nameof(HnswNeighbours), HnswNeighbours, 2, 100);
        Check(nameof(HnswBuildCandidates), HnswBuildCandidates, Math.Max(4, 2 * HnswNeighbours), 1000);
        Check(nameof(HnswSearchCandidates), HnswSearchCandidates, 1, LargestEfSearch);
        Check(nameof(IvfLists), IvfLists, 1, LargestLists);
        Check(nameof(IvfProbes), IvfProbes, 1, LargestLists);
        Check(nameof(Retries), Retries, 0, 10);
        if (CommandTimeout <= TimeSpan.Zero || CommandTimeout > LongestTimeout)
            throw new ArgumentOutOfRangeException(nameof(CommandTimeout), CommandTimeout, $"CommandTimeout must be above 0 and at most {LongestTimeout}.");
        return (PostgreSqlVectorStoreOptions)MemberwiseClone();

        static void Check(string name, int value, int least, int most)
        {
            if (value < least || value > most)
                throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} to {most}.");
        }
    }
}
