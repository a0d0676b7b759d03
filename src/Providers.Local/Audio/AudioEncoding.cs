using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Audio;

/// <summary>The vectors of some sounds.</summary>
/// <param name="Vectors">One a sound, in the order given.</param>
internal sealed record AudioEncoding(IReadOnlyList<float[]> Vectors) : ILocalEncoding
{
    /// <inheritdoc/>
    public int? Tokens => null;

    /// <inheritdoc/>
    public required CallStatistics Statistics { get; init; }
}
