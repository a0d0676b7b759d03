using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Every hard text and every random string through every recorded tokenizer.</summary>
public sealed class TokenizerBulkTests
{
    public static TheoryData<string> RealFolders => [.. TokenizerFixtures.Folders("real")];

    public static TheoryData<string> SmallFolders => [.. TokenizerReferenceTests.ReadableFolders.Where(folder => !folder.StartsWith("real/", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(RealFolders))]
    public void Ids_places_and_decoded_text_are_those_of_the_reference(string folder)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(folder);
        var buffer = new TokenBuffer();
        JsonElement bulk = TokenizerFixtures.Json($"{folder}/bulk.json.gz");
        JsonElement[] rows = [.. bulk.GetProperty("texts").EnumerateArray(), .. bulk.GetProperty("fuzz").EnumerateArray()];
        Assert.Equal(TokenizerFixtures.Texts.Count, rows.Length);
        var wrong = new List<string>();
        foreach (JsonElement row in rows)
        {
            string id = row[0].GetString()!, text = TokenizerFixtures.Texts[id];
            int[] ids = row[1].Integers(), codePoints = CodePointsBefore(text);
            EncodedText actual = tokenizer.Encode(text);
            bool isRight = ids.AsSpan().SequenceEqual(tokenizer.Encode(text, buffer)) && ids.SequenceEqual(actual.InputIds) &&
                actual.TokenTypeIds.SequenceEqual(buffer.TokenTypeIds.ToArray()) &&
                row[2].Integers().SequenceEqual(actual.Offsets.SelectMany(offset => new[] { codePoints[offset.Start], codePoints[offset.End] })) &&
                row[3].GetString() == tokenizer.Decode(ids);
            if (!isRight)
                wrong.Add(id);
        }

        Assert.Empty(wrong);
    }

    [Theory, MemberData(nameof(SmallFolders))]
    public void The_way_without_places_gives_the_ids_of_the_way_with_them(string folder)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(folder);
        var buffer = new TokenBuffer();
        foreach ((string id, string text) in TokenizerFixtures.Texts)
        {
            int[]? expected = Try(() => [.. tokenizer.Encode(text).InputIds]);
            if (!(expected ?? []).SequenceEqual(Try(() => tokenizer.Encode(text, buffer).ToArray()) ?? []) || (expected is null) != (Try(() => tokenizer.Encode(text, buffer).ToArray()) is null))
                Assert.Fail($"{id} differs.");
        }
    }

    /// <summary>The ids, or null where the vocabulary lacks an unknown token that the text needs.</summary>
    private static int[]? Try(Func<int[]> encode)
    {
        try
        {
            return encode();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static int[] CodePointsBefore(string text)
    {
        int[] counts = new int[text.Length + 1];
        for (int i = 0; i < text.Length; i++)
            counts[i + 1] = counts[i] + (char.IsHighSurrogate(text[i]) ? 0 : 1);
        return counts;
    }
}
