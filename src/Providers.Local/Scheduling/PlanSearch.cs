namespace Polymodal.Providers.Local.Scheduling;

/// <summary>
/// Finds the fastest of some plans by measuring real work in laps: in each lap every plan that is left gets one trial, and after the second those far behind
/// leave. Other work of the machine makes a trial slower, never faster: so a plan's second best of five trials counts, and its best one before it is
/// sent away. No run is made only to measure.
/// </summary>
/// <remarks>Not safe for concurrent use. Only runs that had the machine filled count; callers without enough work for that never end it.</remarks>
internal sealed class PlanSearch
{
    private const int Laps = 5;

    // The plan that is argued for stays, unless another one is clearly faster than the noise of a shared machine.
    private const double Clearly = 1.03;

    // More than noise does to a trial, so that no good plan leaves early.
    private const double FarBehind = 0.8;
    private readonly int _costPerTrial;
    private readonly RunPlan _preferred;
    private List<Contender> _contenders;
    private int _current, _unmeasured;
    private long _cost;
    private double _seconds;

    /// <summary>Begins with the first plan.</summary>
    /// <param name="plans">At least one; the first is the one to keep when none is clearly faster.</param>
    /// <param name="costPerTrial">Cost that one trial measures; at least 1.</param>
    public PlanSearch(IReadOnlyList<RunPlan> plans, int costPerTrial)
    {
        _costPerTrial = costPerTrial;
        _preferred = plans[0];
        _contenders = [.. plans.Select(plan => new Contender(plan, []))];
        Begin(0);
    }

    /// <summary>What the next run follows.</summary>
    public RunPlan Current => _contenders[_current].Plan;

    /// <summary>Whether <see cref="Current"/> stays.</summary>
    public bool IsOver => _contenders.Count == 1;

    /// <summary>Takes note of a run that was computed while all places were taken.</summary>
    /// <param name="plan">The plan it followed.</param>
    /// <param name="cost">What its items cost, padding left out.</param>
    /// <param name="duration">How long it took.</param>
    /// <returns>Whether this was the last measurement.</returns>
    public bool Record(RunPlan plan, long cost, TimeSpan duration)
    {
        if (IsOver || plan != Current)
            return false;
        // The first runs of a trial began beside those of another plan, or made the session that they ran on.
        if (_unmeasured-- > 0)
            return false;
        _cost += cost;
        _seconds += duration.TotalSeconds;
        if (_cost < _costPerTrial)
            return false;
        _contenders[_current].Rates.Add(plan.RunsSideBySide * _cost / Math.Max(_seconds, 1e-9));
        if (_current + 1 < _contenders.Count)
        {
            Begin(_current + 1);
            return false;
        }

        int lap = _contenders[0].Rates.Count;
        if (lap == Laps)
            _contenders = [_contenders.MaxBy(contender => contender.Rates.OrderDescending().ElementAt(1) * (contender.Plan == _preferred ? Clearly : 1))!];
        else if (lap > 1)
            _contenders = [.. _contenders.Where(contender => contender.Rates.Max() >= FarBehind * _contenders.Max(other => other.Rates.Max()))];
        Begin(0);
        return IsOver;
    }

    private void Begin(int contender)
    {
        _current = contender;
        _unmeasured = Current.RunsSideBySide;
        _cost = 0;
        _seconds = 0;
    }

    private sealed record Contender(RunPlan Plan, List<double> Rates);
}
