using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Evaluation.Parity;

/// <summary>One recorded call of a tokenizer: a text, a pair, words, or a batch, with what came out of it or the error it ended with.</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="recorded">The case.</param>
/// <param name="defaults">Options where the case does not state its own.</param>
internal sealed class TokenizerCase(Tokenizer tokenizer, JsonElement recorded, EncodeOptions defaults)
{
    // The recorder keeps so many of the overflowing parts, and of the others only how many there are.
    private const int RecordedParts = 12;

    private readonly string _id = recorded.GetProperty("id").GetString()!;
    private readonly EncodeOptions _options = Options(recorded, defaults);

    public IReadOnlyList<ParityRow> Compare()
    {
        if (recorded.TryGetProperty("error", out JsonElement error))
            return [TokenizerRows.Refused(_id, error.GetString()!, () => Encode())];
        List<(EncodedText Ours, Func<int, int, string> Source)> encoded = Encode();
        JsonElement[] encodings = recorded.TryGetProperty("encodings", out JsonElement several) ? [.. several.EnumerateArray()] : [recorded.GetProperty("encoding")];
        var rows = new List<ParityRow>
        {
            TokenizerRows.Of(_id, "encoding", () => encodings.Length != encoded.Count ? $"{encoded.Count} encodings, recorded {encodings.Length}"
                : encodings.Select((encoding, index) => Difference(encoding, encoded[index].Ours, encoded[index].Source) is { } note ? $"input {index}: {note}" : null).FirstOrDefault(note => note is not null)),
        };
        if (recorded.TryGetProperty("decoded", out JsonElement decoded))
        {
            int[] ids = TokenizerRows.Integers(encodings[0].GetProperty("ids"));
            rows.Add(TokenizerRows.Of(_id, "decoded", () => TokenizerRows.Text(tokenizer.Decode(ids), decoded)
                ?? TokenizerRows.Text(tokenizer.Decode(ids, skipSpecialTokens: false), recorded.GetProperty("decoded_with_special"))));
        }

        return rows;
    }

    // With each result the text that the offsets of a token count in, by the number of its text and of its word.
    private List<(EncodedText Ours, Func<int, int, string> Source)> Encode()
    {
        if (recorded.TryGetProperty("pretokenized", out JsonElement words))
        {
            string[] given = [.. words.EnumerateArray().Select(word => word.GetString()!)];
            return [(tokenizer.EncodeWords(given, null, _options), (_, word) => given[word])];
        }

        (string Text, string? Pair)[] inputs =
            recorded.TryGetProperty("pair_batch", out JsonElement pairs) ? [.. pairs.EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()))]
            : recorded.TryGetProperty("batch", out JsonElement texts) ? [.. texts.EnumerateArray().Select(text => (text.GetString()!, (string?)null))]
            : [(recorded.GetProperty("text").GetString()!, recorded.TryGetProperty("pair", out JsonElement second) ? second.GetString() : null)];
        return [.. tokenizer.EncodeBatch(inputs, _options).Zip(inputs, (ours, input) => (ours, (Func<int, int, string>)((sequence, _) => sequence == 0 ? input.Text : input.Pair!)))];
    }

    private static string? Difference(JsonElement encoding, EncodedText ours, Func<int, int, string> source)
    {
        string? note = TokenizerRows.List("ids", ours.InputIds, TokenizerRows.Integers(encoding.GetProperty("ids")))
            ?? TokenizerRows.List("tokens", ours.Tokens, [.. encoding.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)])
            ?? TokenizerRows.List("attention_mask", ours.AttentionMask, TokenizerRows.Integers(encoding.GetProperty("attention_mask")))
            ?? TokenizerRows.List("type_ids", ours.TokenTypeIds, TokenizerRows.Integers(encoding.GetProperty("type_ids")))
            ?? TokenizerRows.List("special_tokens_mask", ours.SpecialTokensMask, TokenizerRows.Integers(encoding.GetProperty("special_tokens_mask")))
            ?? TokenizerRows.List("word_ids", ours.WordIds, TokenizerRows.OptionalIntegers(encoding.GetProperty("word_ids")))
            ?? TokenizerRows.List("sequence_ids", ours.SequenceIds, TokenizerRows.OptionalIntegers(encoding.GetProperty("sequence_ids")))
            ?? TokenizerRows.List("offsets", [.. ours.Offsets.Select((offset, token) => InCodePoints(offset, token))], [.. encoding.GetProperty("offsets").EnumerateArray().Select(offset => (offset[0].GetInt32(), offset[1].GetInt32()))]);
        if (note is not null)
            return note;
        JsonElement[] parts = encoding.TryGetProperty("overflowing", out JsonElement overflowing) ? [.. overflowing.EnumerateArray()] : [];
        int count = encoding.TryGetProperty("overflowing_count", out JsonElement counted) ? counted.GetInt32() : parts.Length;
        if (ours.Overflowing.Count != count)
            return $"overflowing: {ours.Overflowing.Count} parts, recorded {count}";
        return parts.Take(RecordedParts).Select((part, index) => Difference(part, ours.Overflowing[index], source) is { } inside ? $"overflowing {index}: {inside}" : null).FirstOrDefault(inside => inside is not null);

        (int Start, int End) InCodePoints(TokenOffset offset, int token)
        {
            if (ours.WordIds[token] is not { } word)
                return (offset.Start, offset.End); // put there, so 0 to 0
            string text = source(ours.SequenceIds[token] ?? ours.TokenTypeIds[token], word); // without post-processor cut-off parts have type ids alone
            return (TokenizerRows.InCodePoints(text, offset.Start), TokenizerRows.InCodePoints(text, offset.End));
        }
    }

    private static EncodeOptions Options(JsonElement recorded, EncodeOptions options)
    {
        if (recorded.TryGetProperty("add_special_tokens", out JsonElement special))
            options = options with { AddSpecialTokens = special.GetBoolean() };
        if (recorded.TryGetProperty("truncation", out JsonElement truncation) && truncation.ValueKind == JsonValueKind.Object)
        {
            options = options with
            {
                Truncation = new Truncation
                {
                    MaxTokens = truncation.GetProperty("max_length").GetInt32(),
                    Stride = truncation.GetProperty("stride").GetInt32(),
                    Strategy = Enum.Parse<TruncationStrategy>(truncation.GetProperty("strategy").GetString()!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
                    Direction = Side(truncation),
                },
            };
        }

        if (recorded.TryGetProperty("padding", out JsonElement padding) && padding.ValueKind == JsonValueKind.Object)
        {
            options = options with
            {
                Padding = new Padding
                {
                    Id = padding.GetProperty("pad_id").GetInt32(),
                    TypeId = padding.GetProperty("pad_type_id").GetInt32(),
                    Token = padding.GetProperty("pad_token").GetString()!,
                    Length = Optional(padding.GetProperty("length")),
                    MultipleOf = Optional(padding.GetProperty("pad_to_multiple_of")),
                    Direction = Side(padding),
                },
            };
        }

        return options;
    }

    private static TextSide Side(JsonElement section) => Enum.Parse<TextSide>(section.GetProperty("direction").GetString()!, ignoreCase: true);

    private static int? Optional(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
}
