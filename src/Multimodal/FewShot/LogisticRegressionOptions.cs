namespace Polymodal.Multimodal;

/// <summary>How a logistic regression is fitted.</summary>
public sealed class LogisticRegressionOptions
{
    /// <summary>How little large weights cost, above 0: the sum of the losses plus ½ · |weights|² / C becomes least; the intercepts cost nothing. Default 1, as in scikit-learn.</summary>
    public double C { get; set; } = 1;

    /// <summary>Steps at most, at least 1. Default 1000.</summary>
    public int MaxIterations { get; set; } = 1000;

    /// <summary>Fitting ends when no part of the gradient of the mean loss is larger; above 0. Default 1e-10.</summary>
    public double Tolerance { get; set; } = 1e-10;

    /// <summary>Whether vectors are scaled to unit length first. Default true.</summary>
    public bool ScalesToUnit { get; set; } = true;

    internal LogisticRegressionOptions Copied()
    {
        if (!double.IsFinite(C) || C <= 0)
            throw new ArgumentOutOfRangeException(nameof(C), C, "C must be a finite number above 0.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxIterations, 1);
        if (!double.IsFinite(Tolerance) || Tolerance <= 0)
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "Tolerance must be a finite number above 0.");
        return new() { C = C, MaxIterations = MaxIterations, Tolerance = Tolerance, ScalesToUnit = ScalesToUnit };
    }
}
