using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>A model that scores pictures or sounds by a fixed list of classes. A generator whose model is one gives it by <c>GetService&lt;IContentClassifier&gt;()</c>.</summary>
/// <remarks>Implementations are safe for concurrent use.</remarks>
public interface IContentClassifier
{
    /// <summary>The classes' names, in the order of the scores; empty where they are not known.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary>What gives the same scores bit for bit, as in <see cref="EmbeddingSpace.Fingerprint"/>.</summary>
    string Fingerprint { get; }

    /// <summary>Scores inputs.</summary>
    /// <param name="inputs">Pictures or sounds; any number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For each input, in the order given, one logit a class: the softmax of them are the probabilities.</returns>
    /// <exception cref="InvalidDataException">An input is damaged.</exception>
    Task<IReadOnlyList<float[]>> ScoreAsync(IReadOnlyList<DataContent> inputs, CancellationToken cancellationToken = default);
}

/// <summary>How ConSE (Norouzi et al., 2014) turns a classifier's scores into a vector of a text model's space. A generator whose model folder has a <c>conse.json</c> gives it by <c>GetService</c>.</summary>
public sealed record ConseSettings
{
    /// <summary>The classes' names as they are put into <see cref="Prompt"/>, one a class; empty for the classifier's own labels.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>The text whose vector stands for a class; <c>{}</c> is its name.</summary>
    public string Prompt { get; init; } = "a photo of a {}";

    /// <summary>How many of the most probable classes count; at least 1.</summary>
    public int Top { get; init; } = 20;

    /// <summary>The scores are divided by it before the softmax; above 0. Higher gives the less probable classes more weight.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>The classes' text vectors as they were recorded, [classes][dimensions]; null when they are to be computed. They are used only when the text model agrees with them on a sample.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>>? ClassVectors { get; init; }
}
