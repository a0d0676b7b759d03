namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Where a token came from, in UTF-16 units of the text as it was given.</summary>
/// <param name="Start">The first unit, from 0.</param>
/// <param name="End">Behind the last unit. Special tokens and padding are 0 to 0.</param>
public readonly record struct TokenOffset(int Start, int End);
