namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>A word of a table and its score.</summary>
/// <param name="Word">The word as the table spells it.</param>
/// <param name="Score">Higher is nearer; what it measures says the method that gave it.</param>
public readonly record struct WordMatch(string Word, float Score);

/// <summary>How the fourth word of an analogy is looked for.</summary>
public enum AnalogyMethod
{
    /// <summary>3CosAdd: nearest to b + c − a, each of unit length; scores are cosines. Mikolov, Yih and Zweig, 2013.</summary>
    Add,

    /// <summary>3CosMul: the product of the nearness to b and c, divided by that to a, each put on the scale 0 to 1. Levy and Goldberg, 2014.</summary>
    Multiply,
}
