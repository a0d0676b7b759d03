using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Every recorded setting of truncation and padding, as sections of the file.</summary>
public sealed class TruncationPaddingTests
{
    public static TheoryData<int> Cases =>
        [.. Reference().Select((expected, index) => (expected, index)).Where(item => item.expected.GetProperty("tokenizer").GetString() == "wordpiece").Select(item => item.index)];

    [Theory, MemberData(nameof(Cases))]
    public void Cuts_and_fills_up_like_the_reference(int index)
    {
        JsonElement expected = Reference()[index];
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(
            "trained/wordpiece-uncased/tokenizer.json",
            ("truncation", expected.GetProperty("truncation").GetRawText()), ("padding", expected.GetProperty("padding").GetRawText()));
        EncodeOptions options = tokenizer.FileOptions with { AddSpecialTokens = expected.GetProperty("add_special_tokens").GetBoolean() };
        (string Text, string? Pair)[] inputs =
        [
            .. expected.GetProperty("inputs").EnumerateArray().Select(input =>
                input.ValueKind == JsonValueKind.Array ? (input[0].GetString()!, input[1].GetString()) : (input.GetString()!, null)),
        ];
        JsonElement[] single = [.. expected.GetProperty("single").EnumerateArray()];
        for (int i = 0; i < inputs.Length; i++)
            Compare(single[i], () => tokenizer.EncodeBatch([inputs[i]], options)[0]);

        JsonElement batch = expected.GetProperty("batch_ids");
        if (batch.ValueKind == JsonValueKind.Object)
            Assert.ThrowsAny<ArgumentException>(() => tokenizer.EncodeBatch(inputs, options));
        else
            Assert.Equal(batch.EnumerateArray().Select(ids => ids.Integers()), tokenizer.EncodeBatch(inputs, options).Select(encoded => encoded.InputIds.ToArray()));
    }

    private static void Compare(JsonElement expected, Func<EncodedText> encode)
    {
        if (expected.TryGetProperty("error", out _))
        {
            Assert.ThrowsAny<ArgumentException>(encode);
            return;
        }

        EncodedText actual = encode();
        Assert.Equal(expected.GetProperty("ids").Integers(), actual.InputIds);
        Assert.Equal(expected.GetProperty("mask").Integers(), actual.AttentionMask);
        Assert.Equal(expected.GetProperty("types").Integers(), actual.TokenTypeIds);
        Assert.Equal(expected.GetProperty("special").Integers(), actual.SpecialTokensMask);
        Assert.Equal(expected.GetProperty("offsets").EnumerateArray().Select(offset => offset.Integers()), actual.Offsets.Select(offset => new[] { offset.Start, offset.End }));
        int[][][] overflowing = expected.TryGetProperty("overflowing", out JsonElement parts)
            ? [.. parts.EnumerateArray().Select(part => part.EnumerateArray().Select(list => list.Integers()).ToArray())] : [];
        Assert.Equal(overflowing, actual.Overflowing.Select(part => new[] { part.InputIds.ToArray(), [.. part.AttentionMask], [.. part.TokenTypeIds] }));
    }

    private static JsonElement[] Reference() => [.. TokenizerFixtures.Json("truncation-padding/reference.json").GetProperty("cases").EnumerateArray()];
}
