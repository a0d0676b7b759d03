using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>The part of a mixed call that one framework embeds.</summary>
/// <param name="Name">The framework's name, for messages and usage.</param>
/// <param name="Places">Where its inputs stand in the mixed list.</param>
/// <param name="Generate">Embeds them by one call, in the order of <paramref name="Places"/>.</param>
internal sealed record RoutedCall(string Name, int[] Places, Func<CancellationToken, Task<GeneratedEmbeddings<Embedding<float>>>> Generate)
{
    /// <summary>Where the <c>AdditionalProperties</c> of a mixed result hold the usage of each framework.</summary>
    public const string UsageKey = "polymodal.usage";

    /// <summary>Makes the calls side by side and brings their vectors into the order of the inputs.</summary>
    /// <param name="count">How many inputs there are.</param>
    /// <param name="calls">The calls; their places are all places, each once.</param>
    /// <param name="cancellationToken">Ends all of them.</param>
    /// <returns>Usage is summed, and by framework under <see cref="UsageKey"/>.</returns>
    /// <exception cref="InvalidOperationException">A framework gave more or fewer vectors than it got inputs.</exception>
    /// <remarks>An <see cref="IPartialEmbeddings"/> is given on with all vectors that there are, at their places in the mixed list.</remarks>
    public static async Task<GeneratedEmbeddings<Embedding<float>>> RunAsync(int count, IReadOnlyList<RoutedCall> calls, CancellationToken cancellationToken)
    {
        var results = new GeneratedEmbeddings<Embedding<float>>[calls.Count];
        try
        {
            await SideBySideAsync(calls.Count, async (i, stop) => results[i] = await calls[i].RunInPlaceAsync(count, stop).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IPartialEmbeddings)
        {
            var partial = (IPartialEmbeddings)exception;
            var completed = new Dictionary<int, Embedding<float>>(partial.Completed);
            var paid = new RoutedUsage();
            paid.Add("", partial.CompletedUsage);
            for (int i = 0; i < results.Length; i++)
            {
                for (int j = 0; j < (results[i]?.Count ?? 0); j++)
                    completed[calls[i].Places[j]] = results[i][j];
                paid.Add("", results[i]?.Usage);
            }

            partial.SetCompleted(count, completed, paid.Sum);
            throw;
        }

        var embeddings = new Embedding<float>[count];
        var usage = new RoutedUsage();
        for (int i = 0; i < results.Length; i++)
        {
            for (int j = 0; j < calls[i].Places.Length; j++)
                embeddings[calls[i].Places[j]] = results[i][j];
            usage.Add(calls[i].Name, results[i].Usage);
        }

        return usage.Of(embeddings);
    }

    /// <summary>Runs works side by side. The first that fails ends the others, and its exception is the call's.</summary>
    /// <param name="count">How many.</param>
    /// <param name="work">Gets the number of the work, and what ends it.</param>
    /// <param name="cancellationToken">Ends all of them.</param>
    public static async Task SideBySideAsync(int count, Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (count == 1)
        {
            await work(0, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? first = null;

        // On threads of their own: a generator may load its model, or work, before it gives its task back.
        Task all = Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => RunAsync(i), CancellationToken.None)));
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first is OperationCanceledException)
            cancellationToken.ThrowIfCancellationRequested();
        if (first is not null)
            ExceptionDispatchInfo.Throw(first);

        async Task RunAsync(int i)
        {
            try
            {
                await work(i, linked.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (Interlocked.CompareExchange(ref first, exception, null) is null)
            {
                await linked.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes the call, and checks that it gave one vector an input.</summary>
    /// <exception cref="InvalidOperationException">It gave more or fewer.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> RunAsync(CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await Generate(cancellationToken).ConfigureAwait(false);
        return vectors.Count == Places.Length ? vectors : throw new InvalidOperationException(
            $"{Name} gave {vectors.Count} vectors for {Places.Length} inputs, the first of them input {Places[0]}. Its generator must give one vector an input.");
    }

    // A failure speaks of the places in this call's list; here it is made to speak of the mixed one.
    private async Task<GeneratedEmbeddings<Embedding<float>>> RunInPlaceAsync(int count, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IPartialEmbeddings)
        {
            var partial = (IPartialEmbeddings)exception;
            IEnumerable<KeyValuePair<int, Embedding<float>>> known = partial.InputCount == Places.Length ? partial.Completed : [];
            partial.SetCompleted(count, known.ToDictionary(pair => Places[pair.Key], pair => pair.Value), partial.CompletedUsage);
            throw;
        }
    }
}

/// <summary>What a mixed call used, summed and by framework. Not safe for concurrent use.</summary>
internal sealed class RoutedUsage
{
    private readonly Dictionary<string, UsageDetails> _byName = new(StringComparer.Ordinal);
    private UsageDetails? _sum;

    /// <summary>What all used; null when none said.</summary>
    public UsageDetails? Sum => _sum;

    /// <summary>Adds what one framework used; null for one that does not say.</summary>
    public void Add(string name, UsageDetails? usage)
    {
        if (usage is null)
            return;
        (_sum ??= new UsageDetails()).Add(usage);
        if (!_byName.TryGetValue(name, out UsageDetails? known))
            _byName[name] = known = new UsageDetails();
        known.Add(usage);
    }

    /// <summary>A result with this usage.</summary>
    public GeneratedEmbeddings<Embedding<float>> Of(IEnumerable<Embedding<float>> embeddings) => new(embeddings)
    {
        Usage = _sum,
        AdditionalProperties = _byName.Count == 0 ? null : new() { [RoutedCall.UsageKey] = (IReadOnlyDictionary<string, UsageDetails>)_byName },
    };
}
