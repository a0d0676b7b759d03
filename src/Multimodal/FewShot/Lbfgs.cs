namespace Polymodal.Multimodal;

/// <summary>Finds the least value of a smooth function by limited-memory BFGS.</summary>
/// <remarks>Reference: Nocedal and Wright, "Numerical Optimization", second edition: algorithm 7.5, with a line search for the Wolfe conditions by halving an interval; near the end their form for slopes (Hager and Zhang, 2005).</remarks>
internal static class Lbfgs
{
    private const int Memory = 20, MostTrials = 60;
    private const double Decrease = 1e-4, Curvature = 0.9, Rounding = 1e-12;

    /// <summary>The value at a place, and the gradient there.</summary>
    public delegate double Function(double[] place, double[] gradient);

    /// <summary>Goes down from a place.</summary>
    /// <param name="function">The function.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="maxIterations">Steps at most.</param>
    /// <param name="tolerance">Ends when no part of the gradient is larger.</param>
    /// <param name="cancellationToken">Looked at before each step.</param>
    /// <returns>The lowest place found.</returns>
    public static double[] Minimize(Function function, double[] start, int maxIterations, double tolerance, CancellationToken cancellationToken)
    {
        double[] place = [.. start], gradient = new double[start.Length];
        double value = function(place, gradient);
        var pairs = new LinkedList<(double[] Step, double[] Change, double Inverse)>();
        for (int iteration = 0; iteration < maxIterations && gradient.Max(Math.Abs) > tolerance; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double[] direction = Direction(gradient, pairs);
            if (Search(function, place, value, gradient, direction) is not { } found)
            {
                // What is remembered no longer fits; without it the way down is the gradient's. When even that leads nowhere, rounding is all that is left.
                if (pairs.Count == 0)
                    break;
                pairs.Clear();
                continue;
            }

            double[] step = [.. found.Place.Zip(place, (after, before) => after - before)], change = [.. found.Gradient.Zip(gradient, (after, before) => after - before)];
            double product = UnitVectors.Dot(step, change);
            if (product > 0)
            {
                pairs.AddLast((step, change, 1 / product));
                if (pairs.Count > Memory)
                    pairs.RemoveFirst();
            }

            (place, value, gradient) = found;
        }

        return place;
    }

    private static double[] Direction(double[] gradient, LinkedList<(double[] Step, double[] Change, double Inverse)> pairs)
    {
        double[] direction = [.. gradient.Select(part => -part)];
        var factors = new Stack<double>();
        for (LinkedListNode<(double[] Step, double[] Change, double Inverse)>? pair = pairs.Last; pair is not null; pair = pair.Previous)
        {
            double factor = pair.Value.Inverse * UnitVectors.Dot(pair.Value.Step, direction);
            factors.Push(factor);
            UnitVectors.Add(direction, pair.Value.Change, -factor);
        }

        if (pairs.Last is { Value: var last })
        {
            double scale = 1 / (last.Inverse * UnitVectors.Dot(last.Change, last.Change));
            for (int i = 0; i < direction.Length; i++)
                direction[i] *= scale;
        }

        foreach ((double[] step, double[] change, double inverse) in pairs)
            UnitVectors.Add(direction, step, factors.Pop() - (inverse * UnitVectors.Dot(change, direction)));
        return direction;
    }

    private static (double[] Place, double Value, double[] Gradient)? Search(Function function, double[] place, double value, double[] gradient, double[] direction)
    {
        double slope = UnitVectors.Dot(gradient, direction);
        if (slope >= 0)
            return null;
        double low = 0, high = double.PositiveInfinity, length = 1;
        (double[], double, double[])? best = null;
        for (int trial = 0; trial < MostTrials; trial++)
        {
            double[] next = [.. place], nextGradient = new double[place.Length];
            UnitVectors.Add(next, direction, length);
            double nextValue = function(next, nextGradient);
            double nextSlope = UnitVectors.Dot(nextGradient, direction);
            // So near to the least value that its change drowns in rounding, the slope tells what the value cannot.
            bool isLower = nextValue <= value + (Decrease * length * slope) || (nextValue <= value + (Rounding * Math.Abs(value)) && nextSlope <= ((2 * Decrease) - 1) * slope);
            if (!isLower)
            {
                high = length;
            }
            else
            {
                best = (next, nextValue, nextGradient);
                if (nextSlope >= Curvature * slope)
                    break;
                low = length;
            }

            length = double.IsPositiveInfinity(high) ? 2 * length : (low + high) / 2;
        }

        return best;
    }
}
