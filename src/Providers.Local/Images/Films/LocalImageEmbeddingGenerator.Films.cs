using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.LongText;

namespace Polymodal.Providers.Local;

public sealed partial class LocalImageEmbeddingGenerator
{
    // Raw frames are large: a few at a time keep the model busy.
    private static readonly StreamChunks<FilmFrame> FrameChunks = new(Count: 4, Size: 32 << 20, frame => frame.Picture.Pixels.Length);

    /// <summary>Embeds a film frame by frame while it is read.</summary>
    /// <param name="frames">The frames, as <see cref="FilmFrames"/> samples them or from elsewhere; read only so far ahead that the model does not wait, about 16.</param>
    /// <param name="options">As for the other calls.</param>
    /// <param name="cancellationToken">Ends the reading and what was read ahead.</param>
    /// <returns>The frames' vectors in order, with their times. Leaving the loop ends the reading. A full queue is waited for.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="frames"/> is null.</exception>
    public IAsyncEnumerable<FilmFrameEmbedding> GenerateFramesAsync(IAsyncEnumerable<FilmFrame> frames, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return StreamFramesAsync(frames, options, cancellationToken);
    }

    /// <summary>Embeds a film as a whole: the mean of its frames.</summary>
    /// <param name="frames">As for <see cref="GenerateFramesAsync"/>.</param>
    /// <param name="options">As for the other calls.</param>
    /// <param name="cancellationToken">Ends the reading and what was read ahead.</param>
    /// <returns>The film's vector, and its frames' with their times. For retrieval store the frames as well: a mean of many scenes finds little.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="frames"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="frames"/> has no frame.</exception>
    public async Task<FilmEmbedding> GenerateFilmAsync(IAsyncEnumerable<FilmFrame> frames, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var found = new List<FilmFrameEmbedding>();
        await foreach (FilmFrameEmbedding frame in GenerateFramesAsync(frames, options, cancellationToken).ConfigureAwait(false))
            found.Add(frame);
        if (found.Count == 0)
            throw new ArgumentException("frames has no frame. Give at least one.", nameof(frames));
        int[] weights = new int[found.Count];
        Array.Fill(weights, 1);
        return new FilmEmbedding(PooledVectors.Mean([.. found.Select(frame => frame.Embedding)], weights, _model.Space.IsNormalized), found);
    }

    private async IAsyncEnumerable<FilmFrameEmbedding> StreamFramesAsync(IAsyncEnumerable<FilmFrame> frames, EmbeddingGenerationOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Read and written by turns: the stream reads frames only while a vector is waited for.
        var times = new Queue<TimeSpan>();
        var stream = new EmbeddingStream<FilmFrame>((chunk, token) => GenerateAsync(chunk.Select(frame => frame.Picture), options, token), FrameChunks);
        await foreach (Embedding<float> embedding in stream.RunAsync(Timed(frames, cancellationToken), cancellationToken).ConfigureAwait(false))
            yield return new FilmFrameEmbedding(times.Dequeue(), embedding);

        async IAsyncEnumerable<FilmFrame> Timed(IAsyncEnumerable<FilmFrame> source, [EnumeratorCancellation] CancellationToken token)
        {
            await foreach (FilmFrame frame in source.WithCancellation(token).ConfigureAwait(false))
            {
                times.Enqueue((frame ?? throw new ArgumentNullException(nameof(frames), "A frame is null.")).Time);
                yield return frame;
            }
        }
    }
}
