namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What <see cref="Tokenizer.Encode(string, EncodeOptions?)"/> does beyond cutting text into tokens.</summary>
/// <remarks>
/// A file's own truncation and padding act only where they are asked for, with <see cref="Tokenizer.FileOptions"/>: most models in the
/// field carry sections that the libraries around them ignore.
/// </remarks>
public sealed record EncodeOptions
{
    /// <summary>Whether the post-processor adds its special tokens; true unless set.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>How long texts are cut; null, the default, cuts nothing.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>How short texts are filled up; null, the default, fills nothing.</summary>
    public Padding? Padding { get; init; }
}
