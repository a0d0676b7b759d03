using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>The vectors of a call that takes several inner calls, as far as they are there. Not safe for concurrent use.</summary>
/// <param name="inputs">How many inputs the call has.</param>
internal sealed class PartialAnswer(int inputs)
{
    private readonly Embedding<float>?[] _vectors = new Embedding<float>?[inputs];
    private UsageDetails? _usage;

    /// <summary>The places without a vector, in order.</summary>
    public int[] Missing => [.. Enumerable.Range(0, _vectors.Length).Where(place => _vectors[place] is null)];

    /// <summary>All vectors; only when none is missing.</summary>
    public GeneratedEmbeddings<Embedding<float>> Whole => new(_vectors!) { Usage = _usage };

    /// <summary>Keeps what an inner call gave.</summary>
    /// <param name="places">The places that it was for, in its order.</param>
    /// <param name="part">Its answer.</param>
    /// <exception cref="InvalidOperationException">It gave more or fewer vectors.</exception>
    public void Add(IReadOnlyList<int> places, GeneratedEmbeddings<Embedding<float>> part)
    {
        InnerAnswer.EnsureCount(part, places.Count);
        for (int i = 0; i < part.Count; i++)
            _vectors[places[i]] = part[i];
        Add(part.Usage);
    }

    /// <summary>Makes an inner call, and keeps what a failure of it brings. The failure is given on with all that is there.</summary>
    /// <param name="places">The places that it is for, in its order.</param>
    /// <param name="call">The call.</param>
    /// <returns>Its answer, not kept yet.</returns>
    public async Task<GeneratedEmbeddings<Embedding<float>>> CallAsync(IReadOnlyList<int> places, Func<Task<GeneratedEmbeddings<Embedding<float>>>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IPartialEmbeddings)
        {
            var partial = (IPartialEmbeddings)exception;
            if (partial.InputCount == places.Count)
            {
                foreach ((int place, Embedding<float> vector) in partial.Completed)
                    _vectors[places[place]] = vector;
            }

            Add(partial.CompletedUsage);
            var completed = Enumerable.Range(0, _vectors.Length).Where(place => _vectors[place] is not null).ToDictionary(place => place, place => _vectors[place]!);
            partial.SetCompleted(_vectors.Length, completed, _usage is null ? null : Copy(_usage));
            throw;
        }
    }

    private void Add(UsageDetails? usage)
    {
        if (usage is not null)
            (_usage ??= new UsageDetails()).Add(usage);
    }

    private static UsageDetails Copy(UsageDetails usage)
    {
        var copy = new UsageDetails();
        copy.Add(usage);
        return copy;
    }
}
