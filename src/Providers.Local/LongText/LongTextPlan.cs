using Polymodal.Providers.Local.Text;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.LongText;

/// <summary>Where a text is cut into chunks.</summary>
internal static class LongTextPlan
{
    /// <summary>Plans a text.</summary>
    /// <param name="encoder">Whose tokens count.</param>
    /// <param name="text">The text.</param>
    /// <param name="prompt">What is put before each chunk.</param>
    /// <param name="options">How long chunks are and how they overlap.</param>
    /// <param name="cancellationToken">Ends the work between two attempts.</param>
    /// <returns>The chunks. Each fits into the model with the prompt and the special tokens, unless a single character does not.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or the prompt leaves no room.</exception>
    public static List<TextChunkPlan> Of(TextEncoder encoder, string text, string prompt, LongTextOptions options, CancellationToken cancellationToken)
    {
        int room = encoder.MaxTokens - encoder.Tokenize([""], prompt, cancellationToken).Total;
        if (room < 1)
            throw new ArgumentException($"prompt and special tokens take all of the model's {encoder.MaxTokens} tokens. Give a shorter prompt.", nameof(prompt));
        if (options.ChunkTokens is < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.ChunkTokens, "ChunkTokens must be at least 1, or null for what fits into the model.");
        int size = Math.Min(options.ChunkTokens ?? room, room);
        if (options.OverlapTokens < 0 || options.OverlapTokens >= size)
            throw new ArgumentOutOfRangeException(nameof(options), options.OverlapTokens, $"OverlapTokens must be 0 to below the {size} tokens of a chunk.");

        EncodedText tokens = encoder.Tokenizer.Encode(text, new EncodeOptions { AddSpecialTokens = false });
        TokenBoundary[] boundaries = TokenWindows.Boundaries(text, tokens.Offsets, tokens.WordIds);

        // A chunk alone may have some tokens more than as a part of the text, where the tokenizer looks beyond words.
        for (; ; size -= Math.Max(1, size / 16))
        {
            List<TextChunkPlan> chunks = Chunks(text, tokens.Offsets, TokenWindows.Plan(boundaries, size, Math.Min(options.OverlapTokens, size - 1)));
            if (size == 1 || encoder.Tokenize([.. chunks.Select(chunk => text.Substring(chunk.Start, chunk.Length))], prompt, cancellationToken).CutTexts == 0)
                return chunks;
        }
    }

    // What no token covers at the two ends of the text belongs to the first and the last chunk. White space where it is cut belongs to none,
    // though some tokenizers count it to the word behind it.
    private static List<TextChunkPlan> Chunks(string text, IReadOnlyList<TokenOffset> offsets, List<Range> windows)
    {
        var chunks = new List<TextChunkPlan>(windows.Count);
        for (int i = 0; i < windows.Count; i++)
        {
            (int first, int last) = (windows[i].Start.Value, windows[i].End.Value - 1);
            int start = i == 0 ? 0 : offsets[first].Start, end = i == windows.Count - 1 ? text.Length : offsets[last].End;
            if (!text.AsSpan(start, end - start).IsWhiteSpace())
            {
                while (i > 0 && char.IsWhiteSpace(text[start]))
                    start++;
                while (i < windows.Count - 1 && char.IsWhiteSpace(text[end - 1]))
                    end--;
            }

            chunks.Add(new TextChunkPlan(start, end - start, last + 1 - first));
        }

        return chunks;
    }
}

/// <summary>A chunk to come.</summary>
/// <param name="Start">Where it starts in the text, in UTF-16 units.</param>
/// <param name="Length">Its length in UTF-16 units.</param>
/// <param name="Tokens">Its tokens, special and prompt tokens not counted.</param>
internal readonly record struct TextChunkPlan(int Start, int Length, int Tokens);
