namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Replaces a character by another one, as SentencePiece's tokenizers do with spaces.</summary>
/// <param name="from">What is replaced; not half of a pair.</param>
/// <param name="to">What is written in its place; not half of a pair.</param>
internal sealed class ReplaceCharacter(char from, char to) : Normalizer
{
    public override void Apply(NormalizedText text) => text.Replace(from, to);
}
