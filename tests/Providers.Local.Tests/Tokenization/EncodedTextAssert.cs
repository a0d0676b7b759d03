using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Compares an encoded text with a recorded one, in every field.</summary>
internal static class EncodedTextAssert
{
    // The recorder keeps so many of the overflowing parts, and of their own only the number.
    private const int RecordedParts = 12;

    public static void Equal(JsonElement expected, EncodedText actual, string text, string? pair = null)
    {
        Assert.Equal(expected.GetProperty("ids").Integers(), actual.InputIds);
        Assert.Equal(expected.GetProperty("tokens").Strings(), actual.Tokens);
        Assert.Equal(expected.GetProperty("attention_mask").Integers(), actual.AttentionMask);
        Assert.Equal(expected.GetProperty("type_ids").Integers(), actual.TokenTypeIds);
        Assert.Equal(expected.GetProperty("special_tokens_mask").Integers(), actual.SpecialTokensMask);
        Assert.Equal(expected.GetProperty("word_ids").EnumerateArray().Select(word => word.ValueKind == JsonValueKind.Null ? (int?)null : word.GetInt32()), actual.WordIds);
        JsonElement[] sequences = [.. expected.GetProperty("sequence_ids").EnumerateArray()];
        Assert.Equal(
            expected.GetProperty("offsets").EnumerateArray().Select(offset => offset.Integers()),
            actual.Offsets.Select((offset, token) =>
            {
                bool isSecond = sequences[token].ValueKind == JsonValueKind.Number ? sequences[token].GetInt32() == 1 : actual.TokenTypeIds[token] == 1 && pair is not null;
                string source = isSecond ? pair! : text;
                return new[] { TokenizerFixtures.InCodePoints(source, offset.Start), TokenizerFixtures.InCodePoints(source, offset.End) };
            }));

        bool hasParts = expected.TryGetProperty("overflowing", out JsonElement parts);
        int overflowing = expected.TryGetProperty("overflowing_count", out JsonElement count) ? count.GetInt32() : hasParts ? parts.GetArrayLength() : 0;
        Assert.Equal(overflowing, actual.Overflowing.Count);
        if (hasParts)
        {
            foreach ((JsonElement part, EncodedText actualPart) in parts.EnumerateArray().Take(RecordedParts).Zip(actual.Overflowing))
                Equal(part, actualPart, text, pair);
        }
    }
}
