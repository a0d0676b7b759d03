using System.Numerics.Tensors;

namespace Polymodal.Providers.Local.Modules;

/// <summary>The functions that a Dense module can end in, by the class name its <c>config.json</c> gives: of torch with that class's default settings, or of transformers.</summary>
internal static class Activation
{
    // erf by its series of positive terms needs no table; beyond this point it is 1 in single precision.
    private const double LargestErf = 4.2;

    /// <summary>Class name without its module, and what it computes in place. A new one is a line here.</summary>
    public static readonly IReadOnlyDictionary<string, Apply> Known = new Dictionary<string, Apply>(StringComparer.Ordinal)
    {
        ["Identity"] = _ => { },
        ["Tanh"] = values => TensorPrimitives.Tanh(values, values),
        ["Sigmoid"] = values => TensorPrimitives.Sigmoid(values, values),
        ["ReLU"] = values => TensorPrimitives.Max(values, 0f, values),
        ["ReLU6"] = values => TensorPrimitives.Clamp(values, 0f, 6f, values),
        ["LeakyReLU"] = values => Each(values, x => x >= 0 ? x : 0.01 * x),
        ["ELU"] = values => Each(values, x => x > 0 ? x : Math.Exp(x) - 1),
        ["CELU"] = values => Each(values, x => x > 0 ? x : Math.Exp(x) - 1),
        ["SELU"] = values => Each(values, x => 1.0507009873554804934193349852946 * (x > 0 ? x : 1.6732632423543772848170429916717 * (Math.Exp(x) - 1))),
        ["GELU"] = values => Each(values, ErfGelu),
        ["GELUActivation"] = values => Each(values, ErfGelu),
        ["NewGELUActivation"] = values => Each(values, TanhGelu),
        ["GELUTanh"] = values => Each(values, TanhGelu),
        ["PytorchGELUTanh"] = values => Each(values, TanhGelu),
        ["FastGELUActivation"] = values => Each(values, TanhGelu),
        ["QuickGELUActivation"] = values => Each(values, x => x * Logistic(1.702 * x)),
        ["SiLU"] = values => Each(values, x => x * Logistic(x)),
        ["SiLUActivation"] = values => Each(values, x => x * Logistic(x)),
        ["Mish"] = values => Each(values, x => x * Math.Tanh(SoftPlus(x))),
        ["Softplus"] = values => Each(values, x => x > 20 ? x : SoftPlus(x)),
        ["Softsign"] = values => Each(values, x => x / (1 + Math.Abs(x))),
        ["LogSigmoid"] = values => Each(values, x => -SoftPlus(-x)),
        ["Tanhshrink"] = values => Each(values, x => x - Math.Tanh(x)),
        ["Softshrink"] = values => Each(values, x => x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : 0),
        ["Hardshrink"] = values => Each(values, x => Math.Abs(x) > 0.5 ? x : 0),
        ["Hardtanh"] = values => TensorPrimitives.Clamp(values, -1f, 1f, values),
        ["Hardsigmoid"] = values => Each(values, x => Math.Clamp((x + 3) / 6, 0, 1)),
        ["Hardswish"] = values => Each(values, x => x * Math.Clamp((x + 3) / 6, 0, 1)),
    };

    /// <summary>Applies a function to numbers, in place.</summary>
    public delegate void Apply(Span<float> values);

    private static void Each(Span<float> values, Func<double, double> function)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)function(values[i]);
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double SoftPlus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double ErfGelu(double x) => 0.5 * x * (1 + Erf(x * 0.70710678118654752440));

    private static double TanhGelu(double x) => 0.5 * x * (1 + Math.Tanh(0.79788456080286535588 * (x + (0.044715 * x * x * x))));

    // erf(x) = 2/√π · x · e^(−x²) · Σ (2x²)ⁿ / (1·3·5·…·(2n+1)); https://dlmf.nist.gov/7.6#E2
    private static double Erf(double x)
    {
        if (Math.Abs(x) > LargestErf)
            return Math.Sign(x);
        double term = 1, sum = 1, square = 2 * x * x;
        for (int n = 1; term > sum * 1e-17; n++)
        {
            term *= square / ((2 * n) + 1);
            sum += term;
        }

        return 1.12837916709551257390 * x * Math.Exp(-x * x) * sum;
    }
}
