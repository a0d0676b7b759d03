using System.Numerics;
using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Tests.Exact;

public sealed class SignScanTests
{
    public static TheoryData<int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int>();
            for (int kernel = 0; kernel < SignDistance.Kernels.Count; kernel++)
            {
                foreach (int width in (int[])[1, 2, 6, 12, 31, 32, 63, 100])
                    cases.Add(kernel, width);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_kernel_counts_the_signs_that_differ(int kernel, int width)
    {
        const int Rows = 24;
        var random = new Random(width);
        ulong[] query = [.. Enumerable.Range(0, width).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))], rows = new ulong[Rows * width];
        var expected = new ushort[Rows];
        for (int row = 0; row < Rows; row++)
        {
            for (int i = 0; i < width; i++)
            {
                ulong number = row switch { 0 => ~query[i], 1 => query[i], _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue) };
                rows[SignDistance.Place(row, width) + i * SignDistance.Group] = number;
                expected[row] += (ushort)BitOperations.PopCount(number ^ query[i]);
            }
        }

        var distances = new ushort[Rows];
        SignDistance.Kernels[kernel](rows, query, distances);

        Assert.Equal(expected, distances);
        Assert.Equal((64 * width, 0), (distances[0], distances[1]));
    }

    [Theory]
    [InlineData(3, 5000, 1)]
    [InlineData(33, 9001, 2)]
    [InlineData(64, 4097, 7)]
    [InlineData(100, 20_003, 10)]
    [InlineData(384, 6000, 10)]
    [InlineData(2100, 3001, 5)]
    public void The_rows_whose_signs_differ_least_are_found_with_all_that_tie(int dimensions, int count, int k)
    {
        var random = new Random(dimensions);
        float[][] rows = [.. Enumerable.Range(0, count).Select(i => Extreme(TestData.Vector(random, dimensions), i))];
        float[] query = TestData.Vector(random, dimensions);
        long[] gone = [.. Enumerable.Range(0, count).Where(_ => random.Next(10) == 0).Select(row => (long)row)];
        CodeMatrix matrix = CodeMatrix.Empty(dimensions), early = matrix;
        for (int first = 0; first < count; first += 777)
        {
            float[][] part = rows[first..Math.Min(first + 777, count)];
            byte[] packed = PackedCodes.Pack(
                [.. Enumerable.Range(first, part.Length).Select(row => (long)row)], [.. part.Select(row => (ReadOnlyMemory<float>)row)],
                new VectorDefinition { SpaceId = "s", Dimensions = dimensions, Metric = SimilarityMetric.Cosine });
            matrix = matrix.Append(new(packed, dimensions));
            early = first == 777 ? matrix : early;
        }

        int[] distances = [.. rows.Select(row => Codes(row).Zip(query, (component, other) => component < 0 != other < 0).Count(differs => differs))];
        foreach ((CodeMatrix some, int rowsOfIt) in ((CodeMatrix, int)[])[(early, 1554), (matrix.Without(gone), count)]) // signs are made as rows come
        {
            long[] alive = [.. Enumerable.Range(0, rowsOfIt).Select(row => (long)row).Except(rowsOfIt == count ? gone : [])];
            int[] sorted = [.. alive.Select(row => distances[row]).Order()];

            int[]? found = SignScan.TryRun(some, query, SimilarityMetric.Cosine, k, null, default);

            if (sorted.Length < 400 * k)
            {
                Assert.Null(found);
                continue;
            }

            Assert.Equal(alive.Where(row => distances[row] <= sorted[100 * k - 1]), found!.Order().Select(place => some.Blocks[place / CodeBlock.Capacity].Keys[place % CodeBlock.Capacity]));
        }
    }

    private static IEnumerable<int> Codes(float[] row)
    {
        var coarse = new byte[NibbleDot.Stride(row.Length)];
        var fine = new byte[coarse.Length];
        RowCode.Encode(row, SimilarityMetric.Cosine, coarse, fine);
        for (int i = 0; i < row.Length; i++)
        {
            (int place, bool isHigh) = NibbleDot.Place(i);
            int shift = isHigh ? 4 : 0;
            yield return 16 * ((coarse[place] >> shift & 15) - 8) + (fine[place] >> shift & 15) - 8; // one that is rounded to 0 has no sign
        }
    }

    private static float[] Extreme(float[] row, int number) => number % 50 == 0 ? [.. row.Select(value => value * 1e-20f)] : row;
}
