namespace Polymodal.Providers.Local.Scheduling;

/// <summary>
/// Finds the fastest of some plans by measuring real work: every plan gets a trial, the better half another one, until one is left.
/// No run is made only to measure.
/// </summary>
/// <remarks>Not safe for concurrent use. Only runs that had the machine filled count; callers without enough work for that never end it.</remarks>
internal sealed class PlanSearch
{
    // The plan that is argued for stays, unless another one is clearly faster than the noise of a shared machine.
    private const double Clearly = 1.03;
    private readonly int _costPerTrial;
    private readonly RunPlan _preferred;
    private List<Trial> _trials;
    private int _current, _unmeasured;

    /// <summary>Begins with the first plan.</summary>
    /// <param name="plans">At least one; the first is the one to keep when none is clearly faster.</param>
    /// <param name="costPerTrial">Cost that one trial measures; at least 1.</param>
    public PlanSearch(IReadOnlyList<RunPlan> plans, int costPerTrial)
    {
        _costPerTrial = costPerTrial;
        _preferred = plans[0];
        _trials = [.. plans.Select(plan => new Trial(plan))];
        Begin(0);
    }

    /// <summary>What the next run follows.</summary>
    public RunPlan Current => _trials[_current].Plan;

    /// <summary>Whether <see cref="Current"/> stays.</summary>
    public bool IsOver => _trials.Count == 1;

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
        Trial trial = _trials[_current];
        trial.Cost += cost;
        trial.Seconds += duration.TotalSeconds;
        trial.Left -= cost;
        if (trial.Left > 0)
            return false;
        if (_current + 1 < _trials.Count)
        {
            Begin(_current + 1);
            return false;
        }

        _trials = [.. _trials.OrderByDescending(Score).Take(_trials.Count / 2)];
        Begin(0);
        return IsOver;
    }

    private void Begin(int trial)
    {
        _current = trial;
        _unmeasured = Current.RunsSideBySide;
        _trials[trial].Left = _costPerTrial;
    }

    private double Score(Trial trial) => trial.Plan.RunsSideBySide * trial.Cost / Math.Max(trial.Seconds, 1e-9) * (trial.Plan == _preferred ? Clearly : 1);

    private sealed class Trial(RunPlan plan)
    {
        public RunPlan Plan { get; } = plan;

        public long Cost { get; set; }

        public double Seconds { get; set; }

        public long Left { get; set; }
    }
}
