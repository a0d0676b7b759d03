namespace Polymodal.Multimodal;

/// <summary>Finds the temperature under which labels are likeliest.</summary>
internal static class TemperatureScaling
{
    private const double Largest = 1000;

    // The loss is convex in 1 / temperature, so that its only valley is found by thirds of the logarithm, each time leaving out the worse end.
    private const int Steps = 100;

    /// <summary>The temperature, 1 / 1000 to 1000.</summary>
    /// <param name="logits">For each example one number a class.</param>
    /// <param name="labels">The right class of each example.</param>
    /// <param name="isSigmoid">Whether each class is a decision of its own.</param>
    public static double Fit(double[][] logits, int[] labels, bool isSigmoid)
    {
        double low = -Math.Log(Largest), high = Math.Log(Largest);
        for (int step = 0; step < Steps; step++)
        {
            double first = low + ((high - low) / 3), second = high - ((high - low) / 3);
            if (Loss(logits, labels, isSigmoid, Math.Exp(first)) <= Loss(logits, labels, isSigmoid, Math.Exp(second)))
                high = second;
            else
                low = first;
        }

        return Math.Exp((low + high) / 2);
    }

    /// <summary>The mean negative logarithm of the probability of what is right.</summary>
    public static double Loss(double[][] logits, int[] labels, bool isSigmoid, double temperature)
    {
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double[] scaled = [.. logits[i].Select(logit => logit / temperature)];
            sum += isSigmoid ? scaled.Select((logit, label) => LogOnePlusExp(label == labels[i] ? -logit : logit)).Sum() : LogSumExp(scaled) - scaled[labels[i]];
        }

        return sum / logits.Length;
    }

    /// <summary>log Σ exp, of any size.</summary>
    public static double LogSumExp(ReadOnlySpan<double> values)
    {
        double highest = double.NegativeInfinity, sum = 0;
        foreach (double value in values)
            highest = Math.Max(highest, value);
        foreach (double value in values)
            sum += Math.Exp(value - highest);
        return highest + Math.Log(sum);
    }

    /// <summary>log(1 + exp(x)), of any size.</summary>
    public static double LogOnePlusExp(double value) => Math.Max(value, 0) + Math.Log(1 + Math.Exp(-Math.Abs(value)));
}
