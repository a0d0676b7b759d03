namespace Polymodal.Multimodal;

/// <summary>How a <see cref="LinearMap"/> is learned.</summary>
public sealed class LinearMapOptions
{
    /// <summary>The kind of map; default <see cref="LinearMapMethod.Ridge"/>.</summary>
    public LinearMapMethod Method { get; set; }

    /// <summary>Ridge: how strongly weights are held small, in parts of the mean variance; above 0. Null, the default, chooses among 0.001 to 100 by a part of the examples learned from.</summary>
    public double? Ridge { get; set; }

    /// <summary>Whether both sides' means are taken off first and the target's is added at the end; default true.</summary>
    public bool Centre { get; set; } = true;

    /// <summary>Share of the examples that is kept back and measured; above 0, below 1. Default 0.2, and at least 2 examples.</summary>
    public double HeldOut { get; set; } = 0.2;

    /// <summary>Seed of the split and the shuffles.</summary>
    public int Seed { get; set; } = 1;

    internal LinearMapOptions Validated()
    {
        if (!Enum.IsDefined(Method))
            throw new ArgumentException($"LinearMapOptions.Method is {Method}; known: {string.Join(", ", Enum.GetNames<LinearMapMethod>())}.", nameof(Method));
        if (Ridge is { } ridge && !(ridge > 0 && double.IsFinite(ridge)))
            throw new ArgumentException($"LinearMapOptions.Ridge is {ridge}; it must be above 0.", nameof(Ridge));
        if (!(HeldOut > 0 && HeldOut < 1))
            throw new ArgumentException($"LinearMapOptions.HeldOut is {HeldOut}; it must be above 0 and below 1.", nameof(HeldOut));
        return (LinearMapOptions)MemberwiseClone();
    }
}

/// <summary>Kinds of linear maps.</summary>
public enum LinearMapMethod
{
    /// <summary>Least squares with held-down weights: any linear map.</summary>
    Ridge,

    /// <summary>Orthogonal Procrustes: only turns and mirrors, so that distances stay. Needs fewer examples and fits spaces that are alike; into fewer dimensions it agrees best, but is not of the least error.</summary>
    Procrustes,
}
