namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The patterns that tokenizers in the field cut words by.</summary>
internal static class WordPatterns
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)", Letters = @"[^\r\n\p{L}\p{N}]?\p{L}+", Rest = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";

    /// <summary>GPT-2's, which ByteLevel has built in.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>CLIP's.</summary>
    public const string Clip = @"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    /// <summary>Qwen's.</summary>
    public const string Qwen = $@"{Contractions}|{Letters}|\p{{N}}|{Rest}";

    /// <summary>cl100k_base as Llama 3 writes it.</summary>
    public const string Cl100k = $@"{Contractions}|{Letters}|\p{{N}}{{1,3}}|{Rest}";

    /// <summary>o200k_base.</summary>
    public const string O200k =
        $@"[^\r\n\p{{L}}\p{{N}}]?{Upper}*{Lower}+{Contractions}?|[^\r\n\p{{L}}\p{{N}}]?{Upper}+{Lower}*{Contractions}?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
}
