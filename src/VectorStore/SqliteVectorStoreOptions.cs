namespace Polymodal.VectorStore;

/// <summary>How a <see cref="SqliteVectorStore"/> uses its file.</summary>
public sealed class SqliteVectorStoreOptions
{
    internal const long SmallestMaxBytes = 1 << 20;
    private static readonly TimeSpan LongestBusyTimeout = TimeSpan.FromHours(1);

    /// <summary>The file's largest size in bytes, at least 1 MiB; null, the default, sets no limit but the disk's. A write that would pass it fails and changes nothing. The write-ahead log beside the file, usually a few MiB, comes on top.</summary>
    public long? MaxBytes { get; set; }

    /// <summary>How long to wait while another process writes; 0 to 1 hour, by default 30 seconds.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Refuse every change. The file must exist. By default false.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal SqliteVectorStoreOptions Validated()
    {
        if (MaxBytes < SmallestMaxBytes)
            throw new ArgumentOutOfRangeException(nameof(MaxBytes), MaxBytes, $"MaxBytes must be at least {SmallestMaxBytes}, or null for no limit.");
        if (BusyTimeout < TimeSpan.Zero || BusyTimeout > LongestBusyTimeout)
            throw new ArgumentOutOfRangeException(nameof(BusyTimeout), BusyTimeout, $"BusyTimeout must be 0 to {LongestBusyTimeout}.");
        return new() { MaxBytes = MaxBytes, BusyTimeout = BusyTimeout, ReadOnly = ReadOnly };
    }
}
