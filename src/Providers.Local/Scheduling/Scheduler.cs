using System.Diagnostics;

namespace Polymodal.Providers.Local.Scheduling;

/// <summary>
/// One queue for a model, shared by all its callers. Its threads make inputs ready and run the model, several runs side by side; calls are cut into runs
/// and merged with others by cost.
/// </summary>
/// <remarks>
/// Safe for concurrent use. All threads do the same: run the model when a place is free and something is ready, else make something ready, else wait.
/// They start when there is work and end when there has been none for a while. <see cref="Dispose"/> fails what waits, ends the runs under way and waits for them.
/// </remarks>
internal sealed class Scheduler<TItem, TResult> : IDisposable
    where TItem : IWorkItem
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly IBatchRunner<TItem, TResult> _runner;
    private readonly SchedulerSettings _settings;
    private readonly SchedulerMetrics _metrics;
    private readonly object _gate = new();
    private readonly HashSet<ScheduledCall<TItem, TResult>> _calls = [];
    private readonly LinkedList<ScheduledCall<TItem, TResult>> _arrived = new(), _unprepared = new();
    private readonly RunPicker<TItem, TResult> _picker;
    private readonly AdmissionQueue _queue;
    private readonly PlanSearch _search;
    private readonly int _maxThreads;
    private RunPlan _runningPlan;
    private int _running, _threads, _waiting;
    private double _costPerSecond;
    private bool _disposed;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="runner">Computes runs.</param>
    /// <param name="settings">What is fixed.</param>
    public Scheduler(IBatchRunner<TItem, TResult> runner, SchedulerSettings settings)
    {
        _runner = runner;
        _settings = settings;
        _metrics = new SchedulerMetrics(settings.Name);
        _picker = new RunPicker<TItem, TResult>(settings);
        _queue = new AdmissionQueue(settings.QueueItems, settings.QueueCost);
        RunPlan[] plans = [settings.Plan, .. settings.Candidates.Where(plan => plan != settings.Plan)];
        _search = new PlanSearch(plans, settings.CostPerTrial);
        _runningPlan = settings.Plan;
        _maxThreads = plans.Max(plan => plan.RunsSideBySide) + settings.Preparers;
    }

    /// <summary>The plan that was found fastest, as soon as it is known. Called once at most, on a thread of the scheduler.</summary>
    public Action<RunPlan>? PlanFound { get; init; }

    /// <summary>The plan in use, and whether it is final.</summary>
    public (RunPlan Plan, bool IsFinal) Plan
    {
        get
        {
            lock (_gate)
                return (_search.Current, _search.IsOver);
        }
    }

    /// <summary>Computes the results of a call.</summary>
    /// <param name="submission">Its inputs.</param>
    /// <param name="cancellationToken">Ends the call at once; what is computed of it is thrown away.</param>
    /// <exception cref="EmbeddingOverloadException">Too much waits already.</exception>
    /// <exception cref="ObjectDisposedException">The scheduler was disposed before the call had ended.</exception>
    public async Task<CallResult<TResult>> RunAsync(Submission<TItem> submission, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var call = new ScheduledCall<TItem, TResult>(submission, cancellationToken);
        for (int i = 0; i < submission.Count; i++)
            call.WaitingCost += submission.Estimate(i);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (submission.Count == 0)
                return new(call.Results, call.Statistics);
            if (!_queue.TryEnter(call.Waiting, call.WaitingCost))
                throw Overload();
            _metrics.Queued(call.Waiting);
            _calls.Add(call);
            List(call);
            Wake();
        }

        // Waits for a callback under way when it is disposed, so it must not be disposed under the lock.
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => End(call, new OperationCanceledException(cancellationToken)), null);
        return await call.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>Fails what waits, ends the runs under way, waits for them and for the threads. May be called again, but not by a runner.</summary>
    public void Dispose()
    {
        ScheduledCall<TItem, TResult>[] calls;
        lock (_gate)
        {
            _disposed = true;
            calls = [.. _calls];
        }

        foreach (ScheduledCall<TItem, TResult> call in calls)
            End(call, new ObjectDisposedException(_settings.Name));
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
            while (_threads > 0)
                Monitor.Wait(_gate);
        }
    }

    private EmbeddingOverloadException Overload()
    {
        double seconds = _costPerSecond > 0 ? _queue.Cost / _costPerSecond : 1;
        var retry = TimeSpan.FromSeconds(Math.Clamp(seconds, 0.01, 60));
        _metrics.Refused();
        return new EmbeddingOverloadException(
            FormattableString.Invariant($"{_settings.Name} has {_queue.Items} inputs waiting (at most {_settings.QueueItems}), of about {_queue.Cost} tokens (at most {_settings.QueueCost}). Try again in {retry.TotalSeconds:0.##} s, or raise the limits of the queue."), retry);
    }

    private void Work()
    {
        while (Next() is { } work)
            work();
    }

    // Takes the next thing to do, waiting for it; null when the thread may end.
    private Action? Next()
    {
        lock (_gate)
        {
            for (bool idle = false; ;)
            {
                bool canPrepare = !_disposed && CanPrepare;
                bool canRun = !_disposed && _picker.ReadyCount > 0 && _running < _search.Current.RunsSideBySide && (_running == 0 || _runningPlan == _search.Current);
                // A new caller's first inputs are made ready at once, so that it has its turn; a run that is not full waits for what is only to be made ready.
                if (canRun && !(canPrepare && (_arrived.Count > 0 || _picker.ReadyCost < _search.Current.Budget)))
                {
                    ScheduledRun<TItem, TResult> run = TakeRun();
                    Wake();
                    return () => Run(run);
                }

                if (canPrepare)
                {
                    ScheduledCall<TItem, TResult> call = (_arrived.First ?? _unprepared.First)!.Value;
                    (int start, int count, long cost) = TakeUnprepared(call);
                    Wake();
                    return () => Prepare(call, start, count, cost);
                }

                if (_disposed || idle)
                {
                    _threads--;
                    Monitor.PulseAll(_gate);
                    return null;
                }

                _waiting++;
                idle = !Monitor.Wait(_gate, Patience);
                _waiting--;
            }
        }
    }

    // Lets another thread look for work when there may be some. One that has ended its work looks again by itself.
    private void Wake()
    {
        if (!CanPrepare && (_picker.ReadyCount == 0 || _running >= _search.Current.RunsSideBySide))
            return;
        if (_waiting > 0)
        {
            Monitor.Pulse(_gate);
        }
        else if (_threads < _maxThreads)
        {
            _threads++;
            new Thread(Work) { IsBackground = true, Name = $"polymodal {_settings.Name}" }.Start();
        }
    }

    private (int Start, int Count, long Cost) TakeUnprepared(ScheduledCall<TItem, TResult> call)
    {
        Unlist(call);
        (int start, int count, long cost) = call.TakeUnprepared(2 * _search.Current.Budget);
        List(call);
        return (start, count, cost);
    }

    private bool CanPrepare => _arrived.Count + _unprepared.Count > 0;

    // A call with enough ready items is listed again when a run has taken some.
    private void List(ScheduledCall<TItem, TResult> call)
    {
        if (call.Listed is not null || !call.HasUnprepared || call.ReadyCost + call.Preparing >= _settings.LookAhead)
            return;
        call.Listed = (call.IsNew ? _arrived : _unprepared).AddLast(call);
    }

    private static void Unlist(ScheduledCall<TItem, TResult> call)
    {
        call.Listed?.List!.Remove(call.Listed);
        call.Listed = null;
    }

    private void Prepare(ScheduledCall<TItem, TResult> call, int start, int count, long cost)
    {
        long began = Stopwatch.GetTimestamp();
        var items = new TItem[count];
        Exception? error = null;
        try
        {
            call.CancellationToken.ThrowIfCancellationRequested();
            call.Submission.Prepare(start, items, call.CancellationToken);
        }
        catch (Exception exception)
        {
            error = exception;
        }

        TimeSpan duration = Stopwatch.GetElapsedTime(began);
        _metrics.Prepared(duration);
        if (error is not null)
        {
            End(call, error);
            return;
        }

        lock (_gate)
        {
            call.Preparing -= cost;
            if (call.HasEnded)
                return;
            call.Statistics = call.Statistics with { Preparing = call.Statistics.Preparing + duration };
            for (int i = 0; i < items.Length; i++)
                _picker.Add(call, items[i], start + i);
        }
    }

    private ScheduledRun<TItem, TResult> TakeRun()
    {
        RunPlan plan = _search.Current;
        // What is left is shared among the free lanes, but not into crumbs.
        int free = plan.RunsSideBySide - _running;
        long share = Math.Max(_picker.ReadyCost / free, plan.Budget / 4);
        var run = new ScheduledRun<TItem, TResult>([.. _picker.Take(plan.Budget, share, exploring: !_search.IsOver)], plan,
            _running == 0 && _picker.ReadyCount == 0 && !CanPrepare ? Math.Max(_settings.ThreadsAlone, plan.ThreadsPerRun) : plan.ThreadsPerRun);
        _running++;
        _runningPlan = plan;
        foreach (ScheduledCall<TItem, TResult> call in run.Calls)
        {
            call.Runs.Add(run);
            call.Started();
            List(call);
        }

        return run;
    }

    private void Run(ScheduledRun<TItem, TResult> run)
    {
        long began = Stopwatch.GetTimestamp();
        var results = new TResult[run.Slots.Length];
        Exception? error = Compute(run.Slots, results, run);
        TimeSpan duration = Stopwatch.GetElapsedTime(began);

        var failed = new List<(ScheduledCall<TItem, TResult> Call, Exception Error)>();
        if (error is not null && run.Calls.Length == 1)
            failed.Add((run.Calls[0], error));
        else if (error is not null && !run.CancellationToken.IsCancellationRequested)
            Separately(run, results, failed);

        var completed = new List<ScheduledCall<TItem, TResult>>();
        bool found;
        lock (_gate)
        {
            foreach (ScheduledCall<TItem, TResult> call in run.Calls)
                call.Runs.Remove(run);
            found = error is null && Measure(run, duration);
            _running--;
            if (error is null || failed.Count < run.Calls.Length)
                Deliver(run, results, duration, failed, completed);
            run.Dispose();
        }

        _metrics.Ran(run.Plan, duration, run.Cost, run.PaddedCost, run.Slots.Length);
        if (found)
            PlanFound?.Invoke(_search.Current);
        foreach ((ScheduledCall<TItem, TResult> call, Exception exception) in failed)
            End(call, exception);
        foreach (ScheduledCall<TItem, TResult> call in completed)
            call.Completion.TrySetResult(new(call.Results, call.Statistics));
    }

    private Exception? Compute(ReadOnlySpan<ScheduledRun<TItem, TResult>.Slot> slots, Span<TResult> results, ScheduledRun<TItem, TResult> run)
    {
        var items = new TItem[slots.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = slots[i].Item;
        try
        {
            _runner.Run(items, run.Threads, results, run.CancellationToken);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    // A run that failed is computed again, caller by caller, so that only the one with the fault sees it.
    private void Separately(ScheduledRun<TItem, TResult> run, TResult[] results, List<(ScheduledCall<TItem, TResult> Call, Exception Error)> failed)
    {
        foreach (ScheduledCall<TItem, TResult> call in run.Calls)
        {
            int[] own = [.. Enumerable.Range(0, run.Slots.Length).Where(i => run.Slots[i].Call == call)];
            var ownResults = new TResult[own.Length];
            if (Compute([.. own.Select(i => run.Slots[i])], ownResults, run) is { } error)
                failed.Add((call, error));
            for (int i = 0; i < own.Length; i++)
                results[own[i]] = ownResults[i];
        }
    }

    private bool Measure(ScheduledRun<TItem, TResult> run, TimeSpan duration)
    {
        double rate = run.Plan.RunsSideBySide * run.Cost / Math.Max(duration.TotalSeconds, 1e-6);
        _costPerSecond = _costPerSecond == 0 ? rate : (0.9 * _costPerSecond) + (0.1 * rate);
        bool filled = _running == run.Plan.RunsSideBySide && _picker.ReadyCount > 0;
        return filled && _search.Record(run.Plan, run.Cost, duration);
    }

    private void Deliver(
        ScheduledRun<TItem, TResult> run, TResult[] results, TimeSpan duration, List<(ScheduledCall<TItem, TResult> Call, Exception Error)> failed, List<ScheduledCall<TItem, TResult>> completed)
    {
        long dearest = run.PaddedCost / run.Slots.Length;
        foreach (ScheduledCall<TItem, TResult> call in run.Calls)
        {
            if (call.HasEnded || failed.Exists(pair => pair.Call == call))
                continue;
            (int, long) before = (call.Waiting, call.WaitingCost);
            long cost = 0, padded = 0;
            bool last = false;
            for (int i = 0; i < results.Length; i++)
            {
                if (run.Slots[i].Call != call)
                    continue;
                cost += run.Slots[i].Item.Cost;
                padded += dearest;
                last |= call.Complete(run.Slots[i].Index, results[i]);
            }

            CallStatistics statistics = call.Statistics;
            call.Statistics = statistics with
            {
                Running = statistics.Running + (duration * ((double)padded / run.PaddedCost)),
                Runs = statistics.Runs + 1,
                Cost = statistics.Cost + cost,
                PaddedCost = statistics.PaddedCost + padded,
            };
            Leave(call, before);
            if (!last)
                continue;
            call.HasEnded = true;
            _calls.Remove(call);
            _metrics.Waited(call.Statistics.Queued);
            completed.Add(call);
        }
    }

    private void Leave(ScheduledCall<TItem, TResult> call, (int Items, long Cost) before)
    {
        _queue.Shrink(before, (call.HasEnded ? 0 : call.Waiting, call.HasEnded ? 0 : call.WaitingCost));
        _metrics.Queued((call.HasEnded ? 0 : call.Waiting) - before.Items);
    }

    // Fails a call; a run that nobody waits for any more is ended.
    private void End(ScheduledCall<TItem, TResult> call, Exception error)
    {
        lock (_gate)
        {
            if (call.HasEnded)
                return;
            call.HasEnded = true;
            Leave(call, (call.Waiting, call.WaitingCost));
            _picker.Remove(call);
            call.Clear();
            Unlist(call);
            _calls.Remove(call);
            foreach (ScheduledRun<TItem, TResult> run in call.Runs.Where(run => run.Calls.All(other => other.HasEnded)))
                run.Cancel();
        }

        if (error is OperationCanceledException cancelled && call.CancellationToken.IsCancellationRequested)
            call.Completion.TrySetCanceled(call.CancellationToken);
        else
            call.Completion.TrySetException(error);
    }
}
