using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Every hard text and every random string through every recorded tokenizer, both ways; the parity of tokenizers compares one of them with the record.</summary>
public sealed class TokenizerBulkTests
{
    public static TheoryData<string> Folders =>
    [
        .. TokenizerFixtures.Folders("real"),
        .. TokenizerFixtures.Folders("trained"),
        .. TokenizerFixtures.Folders("legacy").Where(folder => !TokenizerFixtures.Json($"{folder}/reference.json").TryGetProperty("load_error", out _)),
    ];

    [Theory, MemberData(nameof(Folders))]
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
}
