using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Tests.Exact;

public sealed class NibbleDotTests
{
    public static TheoryData<int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int>();
            for (int kernel = 0; kernel < NibbleDot.Kernels.Count; kernel++)
            {
                foreach (int stride in (int[])[16, 32, 48, 64, 80, 192, 240, 256, 272, 1008, 2048])
                    cases.Add(kernel, stride);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_kernel_gives_the_sum_of_products(int kernel, int stride)
    {
        const int Rows = 7;
        var random = new Random(stride);
        var rows = new byte[Rows * stride];
        random.NextBytes(rows);
        rows.AsSpan(0, stride).Fill(0xFF); // the largest sums there are
        sbyte[] low = Factors(random, stride), high = Factors(random, stride);
        low.AsSpan(0, stride / 2).Fill(127);
        high.AsSpan(0, stride / 2).Fill(127);
        var expected = new int[Rows];
        for (int i = 0; i < rows.Length; i++)
            expected[i / stride] += (rows[i] & 15) * low[i % stride] + (rows[i] >> 4) * high[i % stride];

        var sums = new int[Rows];
        NibbleDot.Kernels[kernel](rows, low, high, sums);

        Assert.Equal(expected, sums);
        foreach (sbyte extreme in (sbyte[])[127, -127])
        {
            low.AsSpan().Fill(extreme);
            high.AsSpan().Fill(extreme);
            NibbleDot.Kernels[kernel](rows, low, high, sums);
            Assert.Equal(30 * stride * extreme, sums[0]);
        }
    }

    private static sbyte[] Factors(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];
}
