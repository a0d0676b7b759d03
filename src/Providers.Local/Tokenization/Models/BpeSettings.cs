namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What a byte-pair encoding has beside tokens and merges.</summary>
/// <param name="UnknownToken">The token of a character that is in no token; null: it is left out.</param>
/// <param name="FuseUnknown">Whether neighbouring unknown characters are one token.</param>
/// <param name="ByteFallback">Whether an unknown character is written as the tokens of its bytes, where there are such.</param>
/// <param name="IgnoreMerges">Whether a piece that is a token stays whole, whatever the merges say.</param>
/// <param name="Prefix">What a token that continues a piece starts with; may be empty.</param>
/// <param name="Suffix">What a token that ends a piece ends with; may be empty.</param>
/// <param name="Source">Name of the file, for messages.</param>
internal sealed record BpeSettings(string? UnknownToken, bool FuseUnknown, bool ByteFallback, bool IgnoreMerges, string Prefix, string Suffix, string Source);
