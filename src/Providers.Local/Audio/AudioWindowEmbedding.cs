using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Local.Audio;

/// <summary>The vector of a part of a sound.</summary>
/// <param name="Start">Where the part begins.</param>
/// <param name="Duration">How long it is.</param>
/// <param name="Embedding">Its vector, with the space it comes from.</param>
public sealed record AudioWindowEmbedding(TimeSpan Start, TimeSpan Duration, Embedding<float> Embedding);
