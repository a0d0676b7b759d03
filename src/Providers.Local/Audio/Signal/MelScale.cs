namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Between frequency in Hz and pitch as it is heard.</summary>
/// <param name="ToMel">Of Hz.</param>
/// <param name="ToHertz">Of mel.</param>
/// <remarks>Reference: huggingface/transformers 5.23, audio_utils.py.</remarks>
internal sealed record MelScale(Func<double, double> ToMel, Func<double, double> ToHertz)
{
    private const double SlaneyBreak = 1000, SlaneyBreakMel = 15;
    private static readonly double SlaneyStep = Math.Log(6.4) / 27;

    /// <summary>The scales by their names.</summary>
    public static readonly IReadOnlyDictionary<string, MelScale> Known = new Dictionary<string, MelScale>(StringComparer.Ordinal)
    {
        ["htk"] = new(hertz => 2595 * Math.Log10(1 + (hertz / 700)), mel => 700 * (Math.Pow(10, mel / 2595) - 1)),
        ["kaldi"] = new(hertz => 1127 * Math.Log(1 + (hertz / 700)), mel => 700 * (Math.Exp(mel / 1127) - 1)),
        ["slaney"] = new(
            hertz => hertz < SlaneyBreak ? 3 * hertz / 200 : SlaneyBreakMel + (Math.Log(hertz / SlaneyBreak) / SlaneyStep),
            mel => mel < SlaneyBreakMel ? 200 * mel / 3 : SlaneyBreak * Math.Exp(SlaneyStep * (mel - SlaneyBreakMel))),
    };
}
