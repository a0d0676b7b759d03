using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Tests.Scheduling;

/// <summary>An item whose result is the double of its value.</summary>
internal readonly record struct FakeItem(int Cost, int Value) : IWorkItem;

/// <summary>Inputs with a cost and a value.</summary>
internal sealed class FakeSubmission(params IReadOnlyList<FakeItem> inputs) : Submission<FakeItem>(inputs.Count)
{
    private int _prepared;

    public FakeSubmission(int count, int cost)
        : this([.. Enumerable.Range(0, count).Select(value => new FakeItem(cost, value))])
    {
    }

    public override object Kind => KindOf;

    public string KindOf { get; init; } = "one";

    /// <summary>How many inputs were made ready.</summary>
    public int Prepared => _prepared;

    /// <summary>The value whose preparation fails; null for none.</summary>
    public int? Unpreparable { get; init; }

    /// <summary>Completed when its inputs begin to be made ready.</summary>
    public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IEnumerable<int> Expected => inputs.Select(input => 2 * input.Value);

    public override int Estimate(int index) => inputs[index].Cost;

    public override void Prepare(int start, Span<FakeItem> items, CancellationToken cancellationToken)
    {
        Began.TrySetResult();
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = inputs[start + i];
            if (items[i].Value == Unpreparable)
                throw new FormatException($"value {Unpreparable}");
        }

        Interlocked.Add(ref _prepared, items.Length);
    }
}

/// <summary>Doubles values, notes the runs, and may be held up.</summary>
internal sealed class FakeRunner : IBatchRunner<FakeItem, int>
{
    private readonly List<FakeItem[]> _runs = [];

    /// <summary>The value that makes a run fail.</summary>
    public const int Faulty = -1;

    /// <summary>Called at the start of every run.</summary>
    public Action<FakeItem[], CancellationToken> OnRun { get; set; } = (_, _) => { };

    /// <summary>The runs so far, in the order they began.</summary>
    public FakeItem[][] Runs
    {
        get
        {
            lock (_runs)
                return [.. _runs];
        }
    }

    public void Run(ReadOnlySpan<FakeItem> items, int threads, Span<int> results, CancellationToken cancellationToken)
    {
        FakeItem[] run = items.ToArray();
        lock (_runs)
            _runs.Add(run);
        OnRun(run, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (run.Any(item => item.Value == Faulty))
            throw new ArithmeticException("faulty value");
        for (int i = 0; i < run.Length; i++)
            results[i] = 2 * run[i].Value;
    }
}

/// <summary>Holds up the runs of a <see cref="FakeRunner"/> until it is opened, or until they are cancelled.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly SemaphoreSlim _arrived = new(0);

    public Gate(FakeRunner runner) => runner.OnRun = (_, cancellationToken) =>
    {
        _arrived.Release();
        _open.Wait(cancellationToken);
    };

    /// <summary>Waits until a further run has begun.</summary>
    public Task Arrived() => _arrived.WaitAsync();

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Dispose();
        _arrived.Dispose();
    }
}
