using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Text;

public class TokenBudgetTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory, MemberData(nameof(Seeds))]
    public void Every_text_is_in_one_run_and_no_run_passes_the_budget(int seed)
    {
        var random = new Random(seed);
        int[] lengths = [.. Enumerable.Range(0, random.Next(0, 400)).Select(_ => random.Next(0, 300))];
        int budget = random.Next(1, 2_000);

        List<int[]> runs = TokenBudget.Plan(lengths, budget);

        Assert.Equal(Enumerable.Range(0, lengths.Length), runs.SelectMany(run => run).Order());
        Assert.All(runs, run => Assert.True(run.Length == 1 || run.Length * run.Max(text => lengths[text]) <= budget));
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.First.Min(text => lengths[text]) >= pair.Second.Max(text => lengths[text])));
    }

    [Fact]
    public void Texts_of_one_length_fill_the_runs() =>
        Assert.Equal([8, 8, 4], TokenBudget.Plan([.. Enumerable.Repeat(16, 20)], 128).Select(run => run.Length));
}
