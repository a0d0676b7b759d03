namespace Polymodal.Multimodal;

/// <summary>The loss that logistic regression makes least, and its gradient: (Σ −log p(right) + ½ · |weights|² / C) / examples. Intercepts cost nothing.</summary>
/// <param name="examples">Vectors.</param>
/// <param name="targets">Their classes.</param>
/// <param name="rows">Scores: one of two classes, else one a class.</param>
/// <param name="c">See <see cref="LogisticRegressionOptions.C"/>.</param>
internal sealed class LogisticLoss(double[][] examples, int[] targets, int rows, double c)
{
    private readonly int _width = examples[0].Length;

    /// <summary>The loss at a place.</summary>
    /// <param name="place">Row by row the weights, then the intercept.</param>
    /// <param name="gradient">Receives the gradient.</param>
    public double Evaluate(double[] place, double[] gradient)
    {
        Array.Clear(gradient);
        int length = _width + 1;
        double loss = 0;
        var scores = new double[rows];
        for (int i = 0; i < examples.Length; i++)
        {
            for (int row = 0; row < rows; row++)
                scores[row] = UnitVectors.Dot(place.AsSpan(row * length, _width), examples[i]) + place[(row * length) + _width];
            loss += Errors(scores, targets[i]);
            for (int row = 0; row < rows; row++)
            {
                Span<double> part = gradient.AsSpan(row * length, length);
                for (int k = 0; k < _width; k++)
                    part[k] += scores[row] * examples[i][k];
                part[_width] += scores[row];
            }
        }

        for (int at = 0; at < place.Length; at++)
        {
            if (at % length != _width)
            {
                loss += place[at] * place[at] / (2 * c);
                gradient[at] += place[at] / c;
            }

            gradient[at] /= examples.Length;
        }

        return loss / examples.Length;
    }

    // Turns scores into what each is too high by, and gives the loss.
    private static double Errors(double[] scores, int target)
    {
        if (scores is [var only])
        {
            scores[0] = Math.Exp(-TemperatureScaling.LogOnePlusExp(-only)) - target;
            return TemperatureScaling.LogOnePlusExp(target == 1 ? -only : only);
        }

        double all = TemperatureScaling.LogSumExp(scores), loss = all - scores[target];
        for (int row = 0; row < scores.Length; row++)
            scores[row] = Math.Exp(scores[row] - all) - (row == target ? 1 : 0);
        return loss;
    }
}
