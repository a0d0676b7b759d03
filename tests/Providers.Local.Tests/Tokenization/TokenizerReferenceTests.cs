using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Whole tokenizers against what HuggingFace tokenizers 0.23.3 recorded.</summary>
public sealed class TokenizerReferenceTests
{
    public static TheoryData<string> Folders => [.. ReadableFolders];

    public static TheoryData<string> RefusedFolders => [.. LegacyFolders(isRefused: true)];

    internal static IEnumerable<string> ReadableFolders => [.. TokenizerFixtures.Folders("real"), .. TokenizerFixtures.Folders("trained"), .. LegacyFolders(isRefused: false)];

    [Theory, MemberData(nameof(Folders))]
    public void Encodes_and_decodes_every_recorded_case(string folder)
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer(folder);
        JsonElement reference = TokenizerFixtures.Json($"{folder}/reference.json");
        Assert.Equal(reference.GetProperty("vocab_size_with_added").GetInt32(), tokenizer.VocabularySize);
        bool isReal = folder.StartsWith("real/", StringComparison.Ordinal);
        int compared = 0;
        foreach (JsonElement expected in reference.GetProperty("cases").EnumerateArray())
        {
            if (expected.TryGetProperty("pretokenized", out _))
                continue; // Input already cut into words: not part of the public surface.
            EncodeOptions options = OptionsOf(expected, isReal, tokenizer);
            (string Text, string? Pair)[] inputs = InputsOf(expected);
            if (expected.TryGetProperty("error", out _))
            {
                Assert.True(Record.Exception(() => tokenizer.EncodeBatch(inputs, options)) is ArgumentException or InvalidDataException, $"{inputs[0]} was encoded");
                continue;
            }

            IReadOnlyList<EncodedText> actual = tokenizer.EncodeBatch(inputs, options);
            JsonElement[] encodings = expected.TryGetProperty("encodings", out JsonElement several) ? [.. several.EnumerateArray()] : [expected.GetProperty("encoding")];
            for (int i = 0; i < inputs.Length; i++)
                EncodedTextAssert.Equal(encodings[i], actual[i], inputs[i].Text, inputs[i].Pair);
            if (expected.TryGetProperty("decoded", out JsonElement decoded))
            {
                Assert.Equal(decoded.GetString(), tokenizer.Decode([.. actual[0].InputIds]));
                Assert.Equal(expected.GetProperty("decoded_with_special").GetString(), tokenizer.Decode([.. actual[0].InputIds], skipSpecialTokens: false));
            }

            compared += inputs.Length;
        }

        Assert.True(compared > 20, $"only {compared} texts were compared");
        foreach (JsonElement expected in reference.GetProperty("decode").EnumerateArray())
        {
            int[] ids = expected.GetProperty("ids").Integers();
            Assert.Equal(expected.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
            Assert.Equal(expected.GetProperty("decoded_with_special").GetString(), tokenizer.Decode(ids, skipSpecialTokens: false));
        }
    }

    [Theory, MemberData(nameof(RefusedFolders))]
    public void Refuses_what_the_reference_refuses(string folder) =>
        Assert.Throws<InvalidDataException>(() => TokenizerFixtures.Tokenizer(folder));

    [Fact]
    public void An_added_token_gets_the_next_free_id_whatever_the_file_says()
    {
        Tokenizer tokenizer = TokenizerFixtures.Tokenizer("trained/added-overlap");
        foreach (JsonProperty moved in TokenizerFixtures.Json("trained/added-overlap/reference.json").GetProperty("added_tokens_with_another_id").EnumerateObject())
            Assert.Equal(moved.Value.GetProperty("id_really_used").GetInt32(), tokenizer.TokenToId(moved.Name));
    }

    private static IEnumerable<string> LegacyFolders(bool isRefused) =>
        TokenizerFixtures.Folders("legacy").Where(folder => TokenizerFixtures.Json($"{folder}/reference.json").TryGetProperty("load_error", out _) == isRefused);

    private static (string, string?)[] InputsOf(JsonElement expected)
    {
        if (expected.TryGetProperty("pair_batch", out JsonElement pairs))
            return [.. pairs.EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()))];
        if (expected.TryGetProperty("batch", out JsonElement texts))
            return [.. texts.Strings().Select(text => (text, (string?)null))];
        return [(expected.GetProperty("text").GetString()!, expected.TryGetProperty("pair", out JsonElement second) ? second.GetString() : null)];
    }

    /// <summary>The real vocabularies were recorded with settings of the case, all others with those of the file.</summary>
    private static EncodeOptions OptionsOf(JsonElement expected, bool isReal, Tokenizer tokenizer)
    {
        bool isAsFile = !isReal || expected.GetProperty("id").GetString() == "as-file";
        EncodeOptions options = isAsFile ? tokenizer.FileOptions : new EncodeOptions();
        if (expected.TryGetProperty("add_special_tokens", out JsonElement special))
            options = options with { AddSpecialTokens = special.GetBoolean() };
        if (expected.TryGetProperty("truncation", out JsonElement truncation) && truncation.ValueKind == JsonValueKind.Object)
        {
            options = options with
            {
                Truncation = new Truncation
                {
                    MaxTokens = truncation.GetProperty("max_length").GetInt32(),
                    Stride = truncation.GetProperty("stride").GetInt32(),
                    Direction = SideOf(truncation),
                },
            };
        }

        if (expected.TryGetProperty("padding", out JsonElement padding) && padding.ValueKind == JsonValueKind.Object)
        {
            options = options with
            {
                Padding = new Padding
                {
                    Id = padding.GetProperty("pad_id").GetInt32(),
                    Token = padding.GetProperty("pad_token").GetString()!,
                    Length = OptionalInteger(padding.GetProperty("length")),
                    MultipleOf = OptionalInteger(padding.GetProperty("pad_to_multiple_of")),
                    Direction = SideOf(padding),
                },
            };
        }

        return options;
    }

    private static TextSide SideOf(JsonElement section) => section.GetProperty("direction").GetString() == "left" ? TextSide.Left : TextSide.Right;

    private static int? OptionalInteger(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
}
