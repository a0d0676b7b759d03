namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>Sounds as one input of a model.</summary>
/// <param name="Values">Row-major, of <paramref name="Shape"/>.</param>
/// <param name="Shape">The axes, rows first.</param>
internal sealed record AudioBatch(float[] Values, long[] Shape)
{
    /// <summary>1 where there is sound, 0 for padding, [row, time]; null where the extractor has none.</summary>
    public long[]? Mask { get; init; }

    /// <summary>Entries of the time axis that are sound, for each row; null where all are.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>For each row, whether the sound was longer than the model's window; null where the extractor does not say.</summary>
    public long[]? IsLonger { get; init; }

    /// <summary>Rows.</summary>
    public int Rows => (int)Shape[0];
}
