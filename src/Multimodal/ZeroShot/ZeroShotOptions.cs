namespace Polymodal.Multimodal;

/// <summary>How zero-shot classification asks and judges.</summary>
public sealed class ZeroShotOptions
{
    /// <summary>The sentences around the name of a class, see <see cref="PromptTemplates"/>. Default: the bare name.</summary>
    public IReadOnlyList<string> Templates { get; set; } = PromptTemplates.Name;

    /// <summary>How cosines become probabilities. Default null: as the model says. A text model says nothing; sentence-transformers trains with 20.</summary>
    public ContrastiveScale? Scale { get; set; }

    /// <summary>Logits are divided by it: above 1 the probabilities are more even, below 1 sharper. Default 1. <see cref="ZeroShotHead.Calibrate"/> finds it from examples.</summary>
    public double Temperature { get; set; } = 1;

    /// <summary>"None of these" when the best cosine is below it, −1 to 1. Default null: never. <see cref="ZeroShotHead.ThresholdFor"/> finds it from examples.</summary>
    public double? MinScore { get; set; }

    /// <summary>"None of these" when the best probability is below it, 0 to 1. Default null: never. Useful with sigmoid, where probabilities do not add up to 1.</summary>
    public double? MinProbability { get; set; }

    /// <summary>A checked copy.</summary>
    internal ZeroShotOptions Copied()
    {
        if (Templates is null || Templates.Count == 0)
            throw new ArgumentException($"Templates is empty. Give at least one sentence with {PromptTemplates.Place}.", nameof(Templates));
        if (!double.IsFinite(Temperature) || Temperature <= 0)
            throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "Temperature must be a finite number above 0.");
        if (MinScore is not null and not (>= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(MinScore), MinScore, "MinScore must be -1 to 1.");
        if (MinProbability is not null and not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(MinProbability), MinProbability, "MinProbability must be 0 to 1.");
        return new ZeroShotOptions { Templates = [.. Templates], Scale = Scale, Temperature = Temperature, MinScore = MinScore, MinProbability = MinProbability };
    }
}
