namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>Settings to take in the place of those a folder of model2vec has.</summary>
public sealed record Model2VecSettings
{
    private readonly int? _maxTokens;

    /// <summary>Where a text is cut, at least 1; <see cref="int.MaxValue"/> for nowhere. Default null: where the folder says.</summary>
    public int? MaxTokens
    {
        get => _maxTokens;
        init => _maxTokens = value is < 1 ? throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "MaxTokens must be at least 1.") : value;
    }

    /// <summary>Whether vectors are scaled to unit length. Default null: as the folder says.</summary>
    public bool? Normalize { get; init; }
}
