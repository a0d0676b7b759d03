namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Makes one token of all, so that what comes after it sees the whole text.</summary>
internal sealed class FuseDecoder : Decoder
{
    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens) => [string.Concat(tokens)];
}
