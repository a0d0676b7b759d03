namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Several pre-tokenizers; each cuts the pieces of the one before.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> preTokenizers) : PreTokenizer
{
    private readonly PreTokenizer[] _preTokenizers = [.. preTokenizers];

    /// <summary>Reads it from tokenizer.json.</summary>
    public static PreTokenizerSequence Read(JsonPart part) => new([.. part.Required("pretokenizers").Items().Select(TokenizerJson.PreTokenizers.Read)]);

    // What comes after a cut sees each piece alone.
    public override WordEnds WordEnds => _preTokenizers.Select(one => one.WordEnds).FirstOrDefault(ends => ends != WordEnds.Kept, WordEnds.Kept);

    public override bool NeedsSources => _preTokenizers.Any(preTokenizer => preTokenizer.NeedsSources);

    public override PreTokenizer? WithoutByteCharacters =>
        _preTokenizers is [.. var first, var last] && last.WithoutByteCharacters is { } cuts ? new PreTokenizerSequence([.. first, cuts]) : null;

    public override void Apply(NormalizedText text, PieceList pieces)
    {
        foreach (PreTokenizer preTokenizer in _preTokenizers)
            preTokenizer.Apply(text, pieces);
    }
}
