using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Polymodal.Providers.Local;

/// <summary>Embeds texts from a source that may be longer than memory, in order, reading only so far ahead.</summary>
/// <param name="generator">What embeds them.</param>
/// <param name="options">For every call.</param>
internal sealed class TextStream(LocalTextEmbeddingGenerator generator, EmbeddingGenerationOptions? options)
{
    // Enough texts to find others of like length, and enough calls that the model never waits for the reader.
    private const int TextsPerCall = 512;
    private const int CharactersPerCall = 1_000_000;
    private const int CallsAhead = 3;

    private readonly Queue<Task<GeneratedEmbeddings<Embedding<float>>>> _calls = new();

    public async IAsyncEnumerable<Embedding<float>> RunAsync(IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // What was read ahead is of no use when the reader leaves.
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await foreach (List<string> chunk in Chunks(texts, left.Token).ConfigureAwait(false))
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
    private async Task<bool> TryBegin(List<string> chunk, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<GeneratedEmbeddings<Embedding<float>>> call = generator.GenerateAsync(chunk, options, cancellationToken);
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

    private static async IAsyncEnumerable<List<string>> Chunks(IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new List<string>();
        long characters = 0;
        await foreach (string text in texts.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            chunk.Add(text);
            characters += text?.Length ?? 0;
            if (chunk.Count < TextsPerCall && characters < CharactersPerCall)
                continue;
            yield return chunk;
            (chunk, characters) = ([], 0);
        }

        if (chunk.Count > 0)
            yield return chunk;
    }
}
