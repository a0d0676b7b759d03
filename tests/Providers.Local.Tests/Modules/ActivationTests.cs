using Polymodal.Providers.Local.Modules;

namespace Polymodal.Providers.Local.Tests.Modules;

public class ActivationTests
{
    // Values at −1.5 and 0.5 by the functions' definitions, computed in double precision elsewhere.
    [Theory]
    [InlineData("Identity", -1.5, 0.5)]
    [InlineData("Tanh", -0.9051482536, 0.4621171573)]
    [InlineData("Sigmoid", 0.1824255238, 0.6224593312)]
    [InlineData("ReLU", 0, 0.5)]
    [InlineData("LeakyReLU", -0.015, 0.5)]
    [InlineData("ELU", -0.7768698399, 0.5)]
    [InlineData("SELU", -1.3658143534, 0.5253504937)]
    [InlineData("GELU", -0.1002108019, 0.3457312307)]
    [InlineData("NewGELUActivation", -0.1004284038, 0.3457140166)]
    [InlineData("QuickGELUActivation", -0.1083378016, 0.3503884366)]
    [InlineData("SiLU", -0.2736382857, 0.3112296656)]
    [InlineData("Mish", -0.2980997422, 0.3752452113)]
    [InlineData("Softplus", 0.2014132779, 0.9740769842)]
    [InlineData("LogSigmoid", -1.7014132779, -0.4740769842)]
    [InlineData("Softsign", -0.6, 0.3333333333)]
    [InlineData("Hardswish", -0.375, 0.2916666667)]
    [InlineData("Hardtanh", -1, 0.5)]
    public void Each_function_is_the_one_its_class_name_says(string name, double atMinusOneAndAHalf, double atAHalf)
    {
        float[] values = [-1.5f, 0.5f];
        Activation.Known[name](values);
        Assert.Equal(atMinusOneAndAHalf, values[0], 1e-6);
        Assert.Equal(atAHalf, values[1], 1e-6);
    }

    [Fact]
    public void Far_from_zero_no_function_gives_anything_but_a_number()
    {
        foreach ((string name, Activation.Apply apply) in Activation.Known)
        {
            float[] values = [-200, -30, -5, 5, 30, 80];
            apply(values);
            Assert.All(values, value => Assert.True(float.IsFinite(value), $"{name} gives {value}"));
        }
    }

    [Fact]
    public void Exact_gelu_meets_its_limits()
    {
        float[] values = [-10, 10];
        Activation.Known["GELU"](values);
        Assert.Equal([0, 10], values, (left, right) => Math.Abs(left - right) < 1e-6f);
    }
}
