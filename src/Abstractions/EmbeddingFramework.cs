namespace Polymodal;

/// <summary>
/// Describes one registered framework: what it takes, where it runs, and whether it can be used here and now.
/// All of a container's descriptors (<c>provider.GetServices&lt;EmbeddingFramework&gt;()</c>) are the answer to
/// "which frameworks are available?".
/// </summary>
/// <remarks>Immutable; <see cref="Detect"/> is safe for concurrent use.</remarks>
public sealed record EmbeddingFramework
{
    /// <summary>Name and service key, e.g. <c>sentence-transformers</c>. Unique in a container.</summary>
    public required string Name { get; init; }

    /// <summary>What a person calls it, e.g. <c>SentenceTransformers</c>.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The kind of input.</summary>
    public required EmbeddingModality Modality { get; init; }

    /// <summary>Where vectors are computed.</summary>
    public required EmbeddingLocation RunsAt { get; init; }

    /// <summary>The model used when none is named.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Length of the default model's vectors; null when only the model's files tell.</summary>
    public int? Dimensions { get; init; }

    /// <summary>The media types it takes, each exact (<c>image/png</c>) or a range (<c>image/*</c>). Matching ignores case.</summary>
    public required IReadOnlyList<string> MediaTypes { get; init; }

    /// <summary>Finds out whether the framework can be used. Local and quick: it looks for files and keys, it calls nobody.</summary>
    public required Func<FrameworkAvailability> Detection { get; init; }

    /// <summary>Runs <see cref="Detection"/>; an exception in it becomes "not available" with its message.</summary>
    /// <returns>Available or not, and why.</returns>
    public FrameworkAvailability Detect()
    {
        try
        {
            return Detection();
        }
#pragma warning disable CA1031 // Detection answers a question; whatever goes wrong in it is the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return FrameworkAvailability.Missing(exception.Message);
        }
    }

    /// <summary>Asks the service whether it answers; null where nothing is asked, as for models of this process.</summary>
    public Func<CancellationToken, Task<FrameworkAvailability>>? Probing { get; init; }

    /// <summary>Runs <see cref="Detect"/> and, when that finds nothing missing, <see cref="Probing"/>; an exception in it becomes "not available" with its message.</summary>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>Available or not, and why.</returns>
    public async Task<FrameworkAvailability> ProbeAsync(CancellationToken cancellationToken = default)
    {
        FrameworkAvailability detected = Detect();
        if (Probing is null || !detected.IsAvailable)
            return detected;
        try
        {
            return await Probing(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // As in Detect: whatever goes wrong is the answer.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return FrameworkAvailability.Missing(exception.Message);
        }
    }

    /// <summary>Whether one of <see cref="MediaTypes"/> covers a media type.</summary>
    /// <param name="mediaType">E.g. <c>image/png</c>; parameters after <c>;</c> are ignored.</param>
    /// <exception cref="ArgumentNullException"><paramref name="mediaType"/> is null.</exception>
    public bool Takes(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return MediaTypePattern.Takes(MediaTypes, mediaType);
    }
}

/// <summary>Where a framework computes.</summary>
public enum EmbeddingLocation
{
    /// <summary>In this process; nothing leaves the machine.</summary>
    Local,

    /// <summary>At a service; inputs are sent there.</summary>
    Cloud,
}

/// <summary>The answer of <see cref="EmbeddingFramework.Detect"/>.</summary>
/// <param name="IsAvailable">Whether the framework can be used here and now.</param>
/// <param name="Reason">Why, and when it is not available, what to do about it.</param>
public readonly record struct FrameworkAvailability(bool IsAvailable, string Reason)
{
    /// <summary>It can be used.</summary>
    /// <param name="reason">What was found, e.g. the model's folder.</param>
    public static FrameworkAvailability Found(string reason) => new(true, reason);

    /// <summary>It cannot be used.</summary>
    /// <param name="reason">What is missing and what to do.</param>
    public static FrameworkAvailability Missing(string reason) => new(false, reason);
}
