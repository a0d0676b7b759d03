using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Tests.Scheduling;

public class PlanSearchTests
{
    private static readonly RunPlan[] Plans = [new(512, 2, 1), new(512, 1, 2), new(128, 2, 1), new(1_024, 2, 1), new(256, 2, 1)];

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void The_fastest_plan_is_found(int fastest)
    {
        // A run of two side by side takes twice as long as one with both threads, at the same rate.
        PlanSearch search = Run(plan => plan == Plans[fastest] ? 1.3 : 1.0);
        Assert.Equal(Plans[fastest], search.Current);
    }

    [Fact]
    public void The_first_plan_stays_when_another_one_is_hardly_faster() =>
        Assert.Equal(Plans[0], Run(plan => plan == Plans[3] ? 1.02 : 1.0).Current);

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Moments_in_which_the_machine_was_busy_decide_nothing(int seed)
    {
        // A quarter of the time everything takes two thirds longer, for twelve runs at a time: a trial or so.
        var random = new Random(seed);
        int runs = 0;
        double busy = 1;
        PlanSearch search = Run(plan =>
        {
            if (runs++ % 12 == 0)
                busy = random.NextDouble() < 0.25 ? 0.6 : 1;
            return busy * (plan == Plans[3] ? 1.3 : 1.0);
        });
        Assert.Equal(Plans[3], search.Current);
    }

    [Fact]
    public void Runs_of_another_plan_and_the_first_ones_of_a_trial_do_not_count()
    {
        var search = new PlanSearch(Plans, costPerTrial: 100);
        for (int i = 0; i < 100; i++)
            Assert.False(search.Record(Plans[1], 1_000, TimeSpan.FromSeconds(1)));
        Assert.Equal(Plans[0], search.Current);
        search.Record(Plans[0], 1_000, TimeSpan.FromSeconds(1));
        search.Record(Plans[0], 1_000, TimeSpan.FromSeconds(1));
        Assert.Equal(Plans[0], search.Current);
        search.Record(Plans[0], 1_000, TimeSpan.FromSeconds(1));
        Assert.Equal(Plans[1], search.Current);
    }

    [Fact]
    public void One_plan_needs_no_search()
    {
        var search = new PlanSearch([Plans[0]], costPerTrial: 100);
        Assert.True(search.IsOver);
        Assert.False(search.Record(Plans[0], 1_000, TimeSpan.FromSeconds(1)));
    }

    private static PlanSearch Run(Func<RunPlan, double> speed)
    {
        var search = new PlanSearch(Plans, costPerTrial: 1_000);
        int runs = 0;
        for (bool found = false; !found; runs++)
            found = search.Record(search.Current, 100, TimeSpan.FromSeconds(search.Current.RunsSideBySide / speed(search.Current)));
        Assert.True(search.IsOver);
        Assert.InRange(runs, 1, 5 * Plans.Length * 12);
        return search;
    }
}
