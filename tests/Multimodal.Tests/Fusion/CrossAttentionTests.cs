using Polymodal.Providers.Local.Models;

namespace Polymodal.Multimodal.Tests.Fusion;

public sealed class CrossAttentionTests
{
    private static readonly SafeTensors Recorded = SafeTensors.Read(Fixture("recorded"));

    [Theory, InlineData("one-width", 3), InlineData("other-widths", 4), InlineData("no-bias", 1), InlineData("added-key", 2)]
    public void Answers_like_PyTorch(string kind, int heads)
    {
        CrossAttention attention = CrossAttention.Load(Fixture(kind));
        Assert.Equal(heads, attention.Heads);
        CrossAttentionResult all = attention.Attend(Rows($"{kind}/query"), Rows($"{kind}/key"), Rows($"{kind}/value"));
        Near($"{kind}/output", all.Vectors);
        Near($"{kind}/weights", all.Weights);

        HashSet<int> absent = [.. Recorded.Integers($"{kind}/absent").Select((flag, i) => flag == 1 ? i : -1).Where(i => i >= 0)];
        CrossAttentionResult some = attention.Attend(Rows($"{kind}/query"), Rows($"{kind}/key"), Rows($"{kind}/value"), absent);
        Near($"{kind}/masked_output", some.Vectors);
        Near($"{kind}/masked_weights", some.Weights);
        Assert.All(absent, key => Assert.Equal(0, some.Weights[0].Span[key]));
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        CrossAttention attention = CrossAttention.Load(Fixture("other-widths"));
        Assert.Contains("keys has 12 dimensions", Assert.Throws<ArgumentException>(() => attention.Attend(Rows("other-widths/query"), Rows("other-widths/query"), Rows("other-widths/value"))).Message, StringComparison.Ordinal);
        Assert.Contains("no key", Assert.Throws<ArgumentException>(() => attention.Attend(Rows("other-widths/query"), Rows("other-widths/key"), Rows("other-widths/value"), new HashSet<int>([0, 1, 2, 3, 4]))).Message, StringComparison.Ordinal);
        Assert.Contains("5 heads do not divide 12", Assert.Throws<InvalidDataException>(() => CrossAttention.Load(Fixture("one-width"), heads: 5)).Message, StringComparison.Ordinal);
        Assert.Contains("has no tensor 'out_proj.weight'", Assert.Throws<InvalidDataException>(() => CrossAttention.Load(Fixture("recorded"))).Message, StringComparison.Ordinal);
    }

    private static string Fixture(string name) => Repository.PathOf($"tests/Fixtures/cross-attention/{name}.safetensors");

    private static ReadOnlyMemory<float>[] Rows(string name) => [.. Recorded.Floats(name).Chunk(Recorded.Shape(name)[1]).Select(row => (ReadOnlyMemory<float>)row)];

    private static void Near(string name, IReadOnlyList<ReadOnlyMemory<float>> ours)
    {
        float[] wanted = Recorded.Floats(name), found = [.. ours.SelectMany(row => row.ToArray())];
        Assert.Equal(wanted.Length, found.Length);
        Assert.All(wanted.Zip(found), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-5));
    }
}
