using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Polymodal.Delegating.Tests;

/// <summary>A generator whose calls wait until the test answers them. A text's vector is its characters.</summary>
internal sealed class GatedGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

    public int CallCount { get; private set; }

    /// <summary>The next call, as soon as it is made.</summary>
    public async Task<Call> NextAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        CallCount++;
        var call = new Call([.. values], cancellationToken);
        _calls.Writer.TryWrite(call);
        return call.Result;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    /// <summary>A call that waits.</summary>
    internal sealed class Call
    {
        private readonly TaskCompletionSource<GeneratedEmbeddings<Embedding<float>>> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Call(string[] inputs, CancellationToken cancellationToken)
        {
            Inputs = inputs;
            CancellationToken = cancellationToken;
            cancellationToken.Register(() => _result.TrySetCanceled(cancellationToken));
        }

        public string[] Inputs { get; }

        public CancellationToken CancellationToken { get; }

        public Task<GeneratedEmbeddings<Embedding<float>>> Result => _result.Task;

        /// <summary>Completes when the call was cancelled.</summary>
        public Task Ended => Assert.ThrowsAnyAsync<OperationCanceledException>(() => _result.Task.WaitAsync(TimeSpan.FromMinutes(1)));

        public void Answer() => _result.SetResult(
            new(Inputs.Select(text => new Embedding<float>(text.Select(unit => (float)unit).ToArray()))) { Usage = new() { InputTokenCount = Inputs.Length } });

        public void Fail(Exception exception) => _result.SetException(exception);
    }
}

/// <summary>A generator made of one function.</summary>
internal sealed class FuncGenerator(Func<string[], CancellationToken, Task<List<Embedding<float>>>> embed) : IEmbeddingGenerator<string, Embedding<float>>
{
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        new(await embed([.. values], cancellationToken));

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
