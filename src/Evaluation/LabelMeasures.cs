namespace Polymodal.Evaluation;

/// <summary>How well predicted labels agree with the right ones.</summary>
/// <remarks>Immutable. A measure whose divisor is 0 is 0. Reference: scikit-learn; evaluation/classification in the recorded references.</remarks>
internal sealed class LabelMeasures
{
    /// <summary>Counts.</summary>
    /// <param name="right">The right labels, each from 0 to <paramref name="labels"/> − 1.</param>
    /// <param name="predicted">The predicted ones, as many.</param>
    /// <param name="labels">How many labels there are.</param>
    public LabelMeasures(IReadOnlyList<int> right, IReadOnlyList<int> predicted, int labels)
    {
        Confusion = [.. Enumerable.Range(0, labels).Select(_ => new long[labels])];
        for (int i = 0; i < right.Count; i++)
            Confusion[right[i]][predicted[i]]++;
        long[] found = [.. Enumerable.Range(0, labels).Select(label => Confusion[label][label])], called = [.. Enumerable.Range(0, labels).Select(label => Confusion.Sum(row => row[label]))];
        Support = [.. Confusion.Select(row => row.Sum())];
        Precision = [.. found.Zip(called, Ratio)];
        Recall = [.. found.Zip(Support, Ratio)];
        F1 = [.. Enumerable.Range(0, labels).Select(label => Ratio(2 * found[label], called[label] + Support[label]))];
        double count = right.Count;
        Accuracy = Ratio(found.Sum(), count);
        BalancedAccuracy = Enumerable.Range(0, labels).Where(label => Support[label] > 0).Select(label => Recall[label]).DefaultIfEmpty(0).Average();
        double chance = Support.Zip(called, (truth, call) => (double)truth * call).Sum(), spreadOfTruth = (count * count) - Support.Sum(truth => (double)truth * truth), spreadOfCalls = (count * count) - called.Sum(call => (double)call * call);
        Matthews = Ratio((found.Sum() * count) - chance, Math.Sqrt(spreadOfTruth * spreadOfCalls));
        Kappa = Ratio((found.Sum() * count) - chance, (count * count) - chance);
    }

    /// <summary>How often each right label (row) was called each label (column).</summary>
    public long[][] Confusion { get; }

    /// <summary>How often each label is right.</summary>
    public long[] Support { get; }

    /// <summary>Of what was called so, the share that is.</summary>
    public double[] Precision { get; }

    /// <summary>Of what is so, the share that was called so.</summary>
    public double[] Recall { get; }

    /// <summary>The harmonic mean of both.</summary>
    public double[] F1 { get; }

    /// <summary>The share of right answers.</summary>
    public double Accuracy { get; }

    /// <summary>The mean recall over labels that occur.</summary>
    public double BalancedAccuracy { get; }

    /// <summary>Matthews' correlation, −1 to 1.</summary>
    public double Matthews { get; }

    /// <summary>Cohen's kappa: 0 for what chance gives, 1 for no error.</summary>
    public double Kappa { get; }

    /// <summary>Over all answers together; each is the accuracy, as every answer has one label.</summary>
    public (double Precision, double Recall, double F1) Micro => (Accuracy, Accuracy, Accuracy);

    /// <summary>The mean over labels.</summary>
    public (double Precision, double Recall, double F1) Macro => (Precision.Average(), Recall.Average(), F1.Average());

    /// <summary>The mean over labels, each by how often it is right.</summary>
    public (double Precision, double Recall, double F1) Weighted => (Mean(Precision), Mean(Recall), Mean(F1));

    private double Mean(double[] values) => Ratio(values.Zip(Support, (value, count) => value * count).Sum(), Support.Sum());

    private static double Ratio(long part, long whole) => Ratio((double)part, whole);

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;
}
