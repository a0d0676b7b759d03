using Polymodal.VectorStore.Exact;

namespace Polymodal.VectorStore.Tests.Exact;

/// <summary>Bounds hold, and nothing that belongs to the best is left out, for vectors chosen to break that.</summary>
public sealed class CodeScanTests
{
    public static TheoryData<int, SimilarityMetric> Cases
    {
        get
        {
            var cases = new TheoryData<int, SimilarityMetric>();
            for (int seed = 1; seed <= 60; seed++)
            {
                foreach (SimilarityMetric metric in TestData.Metrics)
                    cases.Add(seed, metric);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_score_lies_within_the_bounds_of_its_code(int seed, SimilarityMetric metric)
    {
        (float[][] rows, float[] query) = Adversarial(seed, count: 300);
        var scorer = new VectorScorer(query, metric);
        var code = new QueryCode(scorer.Query, metric);
        int stride = NibbleDot.Stride(query.Length);
        byte[] coarse = new byte[stride], fine = new byte[stride];
        foreach (float[] row in rows)
        {
            RowCode rowCode = RowCode.Encode(row, metric, coarse, fine);
            float score = scorer.Score(row, VectorScorer.Scale(row, metric));
            (double lower, double upper) = code.Bounds(coarse, fine, rowCode);
            Assert.True(lower <= score && score <= upper, $"{score:R} is not within {lower:R} to {upper:R}");

            int sum = 0;
            NibbleDot.Sums(coarse, code.Low, code.High, new Span<int>(ref sum));
            double bound = code.ScaleFactor * rowCode.Scale * (sum - code.CoarseBias) + code.CoarseResidualFactor * rowCode.CoarseResidual
                + (code.NormFactor + code.NormSquareFactor * rowCode.Norm) * rowCode.Norm;
            Assert.False(bound < code.CoarseThreshold(score), $"{bound:R} excludes a row that scores {score:R}");
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_scan_and_rescoring_give_what_comparing_all_rows_gives(int seed, SimilarityMetric metric)
    {
        var random = new Random(seed);
        (float[][] rows, float[] query) = Adversarial(seed, count: random.Next(1, 6000));
        var scorer = new VectorScorer(query, metric);
        HashSet<int>? wanted = random.Next(3) == 0 ? [.. Enumerable.Range(0, rows.Length).Where(_ => random.Next(20) == 0)] : null;
        HashSet<int> gone = random.Next(2) == 0 ? [.. Enumerable.Range(0, rows.Length).Where(_ => random.Next(10) == 0)] : [];
        int k = random.Next(4) == 0 ? random.Next(1, 2000) : 10;
        CodeMatrix matrix = Matrix(rows, metric, random).Without([.. gone.Order().Select(row => (long)row)]);
        var expected = new TopMatches<long>(k);
        foreach (int row in Enumerable.Range(0, rows.Length).Where(row => !gone.Contains(row) && wanted?.Contains(row) != false))
            expected.Offer(row, scorer.Score(rows[row], VectorScorer.Scale(rows[row], metric)), Id(row));

        List<CodeCandidate> candidates = CodeScan.Run(matrix, new(scorer.Query, metric), k, double.NegativeInfinity, wanted is null ? null : matrix.Select([.. wanted.Order().Select(row => (long)row)]), default);

        var actual = new TopMatches<long>(k);
        foreach (CodeCandidate candidate in candidates.TakeWhile(candidate => !(actual.IsFull && candidate.Upper < actual.Worst)))
            actual.Offer(candidate.Key, scorer.Score(rows[candidate.Key], VectorScorer.Scale(rows[candidate.Key], metric)), Id((int)candidate.Key));
        Assert.Equal(expected.Take(), actual.Take());
        Assert.Equal(rows.Length - gone.Count, matrix.Count);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_scan_of_some_rows_gives_the_best_of_these(int seed, SimilarityMetric metric)
    {
        var random = new Random(seed);
        (float[][] rows, float[] query) = Adversarial(seed, count: random.Next(1, 6000));
        var scorer = new VectorScorer(query, metric);
        CodeMatrix matrix = Matrix(rows, metric, random); // a row's place is its number, as all blocks but the last are full
        int[] places = [.. Enumerable.Range(0, rows.Length).Where(_ => random.Next(3) == 0)];
        int k = random.Next(1, 50);
        float[] scores = [.. places.Select(row => scorer.Score(rows[row], VectorScorer.Scale(rows[row], metric)))];

        List<CodeCandidate> candidates = CodeScan.Among(matrix, new(scorer.Query, metric), k, double.NegativeInfinity, places, default);

        float worst = scores.OrderDescending().Take(k).LastOrDefault(float.PositiveInfinity);
        HashSet<long> found = [.. candidates.Select(candidate => candidate.Key)];
        Assert.All(places.Zip(scores), row => Assert.True(row.Second < worst || found.Contains(row.First), $"row {row.First}, {row.Second:R}, is left out"));
        Assert.Subset(places.Select(row => (long)row).ToHashSet(), found);
        Assert.Equal(candidates.OrderByDescending(candidate => candidate.Upper).Select(candidate => candidate.Upper), candidates.Select(candidate => candidate.Upper));
    }

    [Fact]
    public void A_scan_of_usual_vectors_leaves_few_rows_to_compare()
    {
        var random = new Random(1);
        float[] centre = TestData.Vector(random, 384);
        float[][] rows = [.. Enumerable.Range(0, 20_000).Select(_ => Near(random, centre, 1))];
        var query = new QueryCode(new VectorScorer(Near(random, centre, 1), SimilarityMetric.Cosine).Query, SimilarityMetric.Cosine);

        Assert.InRange(CodeScan.Run(Matrix(rows, SimilarityMetric.Cosine, random), query, 10, double.NegativeInfinity, null, default).Count, 10, 100);
    }

    [Fact]
    public void A_cancelled_scan_ends()
    {
        var random = new Random(1);
        CodeMatrix matrix = Matrix([TestData.Vector(random)], SimilarityMetric.Cosine, random);
        var query = new QueryCode(TestData.Vector(random), SimilarityMetric.DotProduct);
        Assert.Throws<OperationCanceledException>(() => CodeScan.Run(matrix, query, 1, 0, null, new(canceled: true)));
    }

    // Ids in another order than rows, so that ties are not settled by chance.
    private static RecordId Id(int row) => (long)row * 7919 % 10_007;

    private static CodeMatrix Matrix(float[][] rows, SimilarityMetric metric, Random random)
    {
        var definition = new VectorDefinition { SpaceId = "s", Dimensions = rows[0].Length, Metric = metric };
        CodeMatrix matrix = CodeMatrix.Empty(rows[0].Length);
        for (int first = 0, count; first < rows.Length; first += count)
        {
            count = Math.Min(random.Next(1, 1500), rows.Length - first);
            byte[] packed = PackedCodes.Pack([.. Enumerable.Range(first, count).Select(row => (long)row)], [.. rows.AsSpan(first, count).ToArray().Select(row => (ReadOnlyMemory<float>)row)], definition);
            matrix = matrix.Append(new(packed, rows[0].Length));
        }

        return matrix;
    }

    private static float[] Near(Random random, float[] centre, double spread) => [.. centre.Select(value => (float)(value + spread * (random.NextDouble() * 2 - 1)))];

    /// <summary>Huge, tiny, zero, one-hot, constant, copied, opposite and nearly equal vectors, of all sizes at once or of one.</summary>
    private static (float[][] Rows, float[] Query) Adversarial(int seed, int count)
    {
        var random = new Random(seed);
        int dimensions = random.Next(4) switch { 0 => random.Next(1, 8), 1 => random.Next(8, 70), 2 => 384, _ => random.Next(100, 600) };
        double[] sizes = random.Next(3) == 0 ? [1] : [1, 1, 1e-3, 1e3, 1e-14, 1e14, 1e-30, 1e30, 1e38, 1e-44];
        float[] centre = TestData.Vector(random, dimensions);
        var rows = new float[count][];
        for (int i = 0; i < count; i++)
        {
            float size = (float)sizes[random.Next(sizes.Length)];
            float[] row = random.Next(9) switch
            {
                0 => new float[dimensions],
                1 => [.. Enumerable.Repeat(size, dimensions)],
                2 => OneHot(random.Next(dimensions), size),
                3 when i > 0 => [.. rows[random.Next(i)]],
                4 => [.. centre.Select(value => -value * size)],
                5 => Near(random, centre, 1e-6),
                6 => [.. Near(random, centre, 1e-3).Select(value => value * size)],
                7 => [.. centre.Select(value => random.Next(3) == 0 ? MathF.BitIncrement(value) : value)],
                _ => [.. TestData.Vector(random, dimensions).Select(value => value * size)],
            };
            rows[i] = row;
        }

        return (rows, random.Next(4) switch { 0 => [.. rows[random.Next(count)]], 1 => new float[dimensions], 2 => Near(random, centre, 1), _ => centre });

        float[] OneHot(int place, float size)
        {
            var row = new float[dimensions];
            row[place] = size;
            return row;
        }
    }
}
