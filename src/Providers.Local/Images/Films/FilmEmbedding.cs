using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Local.Images;

/// <summary>A film as vectors: one for the whole, and one for each frame that was looked at.</summary>
/// <param name="Embedding">Of the whole film: the mean of its frames, of unit length where the model's vectors are. It is in the frames' space.</param>
/// <param name="Frames">The frames in order; at least one.</param>
public sealed record FilmEmbedding(Embedding<float> Embedding, IReadOnlyList<FilmFrameEmbedding> Frames);

/// <summary>The vector of a frame of a film.</summary>
/// <param name="Time">When the frame is shown, from the start of the film.</param>
/// <param name="Embedding">Its vector, with the space it comes from.</param>
public sealed record FilmFrameEmbedding(TimeSpan Time, Embedding<float> Embedding);
