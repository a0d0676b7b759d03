using Polymodal.Providers.Local.Onnx.Kernels;

namespace Polymodal.Providers.Local.Tests.Onnx.Kernels;

public class RowKernelsTests
{
    public static TheoryData<int> Widths => [1, 3, 7, 8, 15, 16, 31, 33, 64, 100, 384, 1537];

    [Theory, MemberData(nameof(Widths))]
    public void Layer_normalisation_is_that_of_its_formula(int width)
    {
        foreach (float shift in (float[])[0, 100, -5])
        {
            float[] x = Numbers(width, 1, shift), gamma = Numbers(width, 2), beta = Numbers(width, 3);
            double mean = x.Average(v => (double)v), deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + 1e-5);
            float[] found = new float[width], without = new float[width];
            RowKernels.LayerNormalization(x, gamma, beta, 1e-5f, found);
            RowKernels.LayerNormalization(x, gamma, default, 1e-5f, without);
            for (int i = 0; i < width; i++)
            {
                double wanted = (x[i] - mean) / deviation * gamma[i];
                Assert.Equal(wanted + beta[i], found[i], 1e-4 * (shift == 0 ? 0.1 : 1));
                Assert.Equal(wanted, without[i], 1e-4 * (shift == 0 ? 0.1 : 1));
            }

            RowKernels.LayerNormalization(x, gamma, beta, 1e-5f, x); // in place
            Assert.Equal(found, x);
        }
    }

    [Fact]
    public void Equal_numbers_are_normalised_to_the_summand_and_what_is_no_number_stays_so()
    {
        var found = new float[40];
        RowKernels.LayerNormalization([.. Enumerable.Repeat(3f, 40)], Numbers(40, 1), Numbers(40, 2), 1e-12f, found);
        Assert.Equal(Numbers(40, 2), found);
        float[] broken = Numbers(40, 1);
        broken[17] = float.NaN;
        RowKernels.LayerNormalization(broken, Numbers(40, 1), Numbers(40, 2), 1e-12f, found);
        Assert.All(found, number => Assert.True(float.IsNaN(number)));
        RowKernels.Gelu(broken, 1, default, found);
        Assert.Equal([17], Enumerable.Range(0, 40).Where(i => float.IsNaN(found[i])));
        Assert.True(float.IsNaN(RowKernels.Quantize(broken, default, 1e-12f, 1 / 127f, new byte[40])));
    }

    [Theory, MemberData(nameof(Widths))]
    public void Gelu_is_that_of_the_error_function(int width)
    {
        float[] x = Numbers(width, 4, scale: 3), bias = Numbers(width, 5), found = new float[width];
        RowKernels.Gelu(x, 0.75f, bias, found);
        for (int i = 0; i < width; i++)
            Assert.Equal(Gelu((x[i] * 0.75) + bias[i]), found[i], 1e-6);
        RowKernels.Gelu(x, 1, default, x);
        Assert.Equal(Numbers(width, 4, scale: 3).Select(v => Gelu(v)), x.Select(v => (double)v), (wanted, value) => Math.Abs(wanted - value) < 1e-6);
    }

    [Theory, InlineData(-100f, 0f), InlineData(-6f, 0f), InlineData(0f, 0f), InlineData(6f, 6f), InlineData(100f, 100f), InlineData(3.4e38f, 3.4e38f), InlineData(-3.4e38f, 0f)]
    public void Gelu_far_from_zero_is_the_number_or_nothing(float x, float wanted)
    {
        float[] found = new float[20];
        RowKernels.Gelu([.. Enumerable.Repeat(x, 20)], 1, default, found);
        Assert.All(found, number => Assert.Equal(wanted, number, Math.Max(1e-6, Math.Abs(wanted) * 1e-6)));
    }

    [Theory, MemberData(nameof(Widths))]
    public void Rounding_gives_the_whole_numbers_of_its_definition(int width)
    {
        float[] x = Numbers(width, 6, scale: 2), factors = Numbers(width, 7);
        foreach (float[] by in (float[][])[factors, []])
        {
            byte[] found = new byte[width];
            float scale = RowKernels.Quantize(x, by, 1e-12f, 1 / 127f, found);
            float[] scaled = [.. x.Select((v, i) => by.Length == 0 ? v : v * by[i])];
            Assert.Equal(Math.Max(scaled.Max(MathF.Abs), 1e-12f) * (1 / 127f), scale);
            Assert.Equal(scaled.Select(v => (byte)Math.Clamp(MathF.Round(v / scale, MidpointRounding.ToEven) + 128, 0, 255)), found);
        }
    }

    [Fact]
    public void Halves_are_rounded_to_even_and_zeros_have_the_least_scale()
    {
        float[] x = [127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -127, .. new float[40]];
        byte[] found = new byte[x.Length];
        Assert.Equal(1, RowKernels.Quantize(x, default, 1e-12f, 1 / 127f, found), 1e-6);
        Assert.Equal([255, 128, 130, 130, 128, 126, 1, 128], found[..8]);
        Assert.Equal(1e-3f, RowKernels.Quantize(new float[40], default, 1e-3f, 1, new byte[40]));
    }

    private static float[] Numbers(int count, int seed, float shift = 0, float scale = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1) * scale + shift)];
    }

    // erf by its series, which converges everywhere.
    private static double Gelu(double v)
    {
        double x = v / Math.Sqrt(2), term = x, sum = x;
        for (int n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return v * (1 + (2 / Math.Sqrt(Math.PI) * sum)) / 2;
    }
}
