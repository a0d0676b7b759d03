namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<Normalizer> normalizers) : Normalizer
{
    private readonly Normalizer[] _normalizers = [.. normalizers];

    /// <summary>Reads it from tokenizer.json.</summary>
    public static NormalizerSequence Read(JsonPart part) => new([.. part.Required("normalizers").Items().Select(TokenizerJson.Normalizers.Read)]);

    public override bool KeepsWordEnds => Array.TrueForAll(_normalizers, normalizer => normalizer.KeepsWordEnds);

    public override void Apply(NormalizedText text)
    {
        foreach (Normalizer normalizer in _normalizers)
            normalizer.Apply(text);
    }
}
