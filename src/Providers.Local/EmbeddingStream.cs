using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Local;

/// <summary>Embeds inputs from a source that may be longer than memory, in order, reading only so far ahead.</summary>
/// <param name="embed">What embeds some of them.</param>
/// <param name="chunks">How much goes into a call: enough inputs to find others of like length.</param>
internal sealed class EmbeddingStream<TInput>(Func<IReadOnlyList<TInput>, CancellationToken, Task<GeneratedEmbeddings<Embedding<float>>>> embed, StreamChunks<TInput> chunks)
{
    // Enough calls that the model never waits for the reader.
    private const int CallsAhead = 3;

    private readonly Queue<Task<GeneratedEmbeddings<Embedding<float>>>> _calls = new();

    public async IAsyncEnumerable<Embedding<float>> RunAsync(IAsyncEnumerable<TInput> inputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // What was read ahead is of no use when the reader leaves.
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await foreach (List<TInput> chunk in Chunks(inputs, left.Token).ConfigureAwait(false))
            {
                while (_calls.Count >= CallsAhead || !await TryBegin(chunk, left.Token).ConfigureAwait(false))
                {
                    foreach (Embedding<float> embedding in await _calls.Dequeue().ConfigureAwait(false))
                        yield return embedding;
                }
            }

            while (_calls.TryDequeue(out Task<GeneratedEmbeddings<Embedding<float>>>? call))
            {
                foreach (Embedding<float> embedding in await call.ConfigureAwait(false))
                    yield return embedding;
            }
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);
            foreach (Task call in _calls)
                await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // False when the queue is full and an own call can be waited for; with none, it waits as long as it is told to.
    private async Task<bool> TryBegin(List<TInput> chunk, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<GeneratedEmbeddings<Embedding<float>>> call = embed(chunk, cancellationToken);
            if (!call.IsFaulted || call.Exception.InnerException is not EmbeddingOverloadException overload)
            {
                _calls.Enqueue(call);
                return true;
            }

            if (_calls.Count > 0)
                return false;
            await Task.Delay(overload.RetryAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<List<TInput>> Chunks(IAsyncEnumerable<TInput> inputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new List<TInput>();
        long size = 0;
        await foreach (TInput input in inputs.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            chunk.Add(input);
            size += input is null ? 0 : chunks.SizeOf(input);
            if (chunk.Count < chunks.Count && size < chunks.Size)
                continue;
            yield return chunk;
            (chunk, size) = ([], 0);
        }

        if (chunk.Count > 0)
            yield return chunk;
    }
}

/// <summary>How much of a stream goes into one call.</summary>
/// <param name="Count">Most inputs.</param>
/// <param name="Size">Size after which a call is full, in the unit of <paramref name="SizeOf"/>.</param>
/// <param name="SizeOf">Size of an input.</param>
internal sealed record StreamChunks<TInput>(int Count, long Size, Func<TInput, long> SizeOf);
