using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Each step alone, read from the JSON of the recorded configuration.</summary>
public sealed class ComponentTests
{
    public static TheoryData<int, string> Normalizers => Configurations("normalizers");

    public static TheoryData<int, string> PreTokenizers => Configurations("pre_tokenizers");

    public static TheoryData<int, string> Decoders => Configurations("decoders");

    [Theory, MemberData(nameof(Normalizers))]
    public void Normalizes_like_the_reference(int index, string configuration)
    {
        Normalizer normalizer = TokenizerJson.Normalizers.Read(Part(configuration));
        var text = new NormalizedText();
        foreach ((string input, JsonElement[] result) in Results("normalizers", index))
        {
            text.Reset(input, 0, tracks: true);
            normalizer.Apply(text);
            Assert.Equal(result[1].GetString(), text.Chars.ToString());
            if (result[2].ValueKind == JsonValueKind.Array)
            {
                Assert.Equal(
                    result[2].EnumerateArray().Select(range => (range[0].GetInt32(), range[1].GetInt32())),
                    Enumerable.Range(0, text.Chars.Length).Where(i => !char.IsLowSurrogate(text.Chars[i])).Select(i => text.Source(i, i + 1))
                        .Select(range => (TokenizerFixtures.InCodePoints(input, range.Start), TokenizerFixtures.InCodePoints(input, range.End))));
            }
        }
    }

    [Theory, MemberData(nameof(PreTokenizers))]
    public void Pre_tokenizes_like_the_reference(int index, string configuration)
    {
        PreTokenizer preTokenizer = TokenizerJson.PreTokenizers.Read(Part(configuration));
        var text = new NormalizedText();
        var pieces = new PieceList();
        foreach ((string input, JsonElement[] result) in Results("pre_tokenizers", index))
        {
            text.Reset(input, 0, tracks: true);
            pieces.Reset(0, input.Length);
            preTokenizer.Apply(text, pieces);
            Assert.Equal(
                result[1].EnumerateArray().Select(piece => (piece[0].GetString()!, piece[1].GetInt32(), piece[2].GetInt32()))
                    .Where(piece => piece.Item1.Length > 0), // an empty sequence leaves an empty text as an empty piece, which becomes no token
                pieces.Current.ToArray().Select(piece => (text.Chars[piece.Start..piece.End].ToString(), text.Source(piece.Start, piece.End)))
                    .Select(piece => (piece.Item1, TokenizerFixtures.InCodePoints(input, piece.Item2.Start), TokenizerFixtures.InCodePoints(input, piece.Item2.End))));
        }
    }

    [Theory, MemberData(nameof(Decoders))]
    public void Decodes_like_the_reference(int index, string configuration)
    {
        Decoder decoder = TokenizerJson.Decoders.Read(Part(configuration));
        foreach (JsonElement result in Component("decoders", index).GetProperty("results").EnumerateArray())
        {
            if (result[1].ValueKind == JsonValueKind.Null)
                Assert.Throws<InvalidDataException>(() => decoder.Decode(result[0].Strings()));
            else
                Assert.Equal(result[1].GetString(), decoder.Decode(result[0].Strings()));
        }
    }

    [Fact]
    public void Refuses_the_patterns_that_the_reference_refuses()
    {
        int refused = 0;
        foreach (JsonElement component in TokenizerFixtures.Json("components/pre_tokenizers.json").GetProperty("components").EnumerateArray())
        {
            if (!component.TryGetProperty("error", out _))
                continue;
            Assert.Throws<InvalidDataException>(() => TokenizerJson.PreTokenizers.Read(Part(component.GetProperty("config").GetRawText())));
            refused++;
        }

        Assert.Equal(3, refused);
    }

    private static TheoryData<int, string> Configurations(string file)
    {
        var configurations = new TheoryData<int, string>();
        JsonElement[] components = [.. TokenizerFixtures.Json($"components/{file}.json").GetProperty("components").EnumerateArray()];
        for (int i = 0; i < components.Length; i++)
        {
            if (!components[i].TryGetProperty("error", out _))
                configurations.Add(i, components[i].GetProperty("config").GetRawText());
        }

        return configurations;
    }

    private static IEnumerable<(string Input, JsonElement[] Result)> Results(string file, int index)
    {
        JsonElement inputs = TokenizerFixtures.Json($"components/{file}.json").GetProperty("inputs");
        return Component(file, index).GetProperty("results").EnumerateArray()
            .Select(result => (inputs.GetProperty(result[0].GetString()!).GetString()!, (JsonElement[])[.. result.EnumerateArray()]));
    }

    private static JsonElement Component(string file, int index) => TokenizerFixtures.Json($"components/{file}.json").GetProperty("components")[index];

    private static JsonPart Part(string configuration)
    {
        // The recorder wrote a name for the charsmap, which is as long as all others together.
        using JsonDocument document = JsonDocument.Parse(configuration.Replace("@nmt_nfkc.bin", TokenizerFixtures.Charsmap, StringComparison.Ordinal));
        return new JsonPart("component", "", document.RootElement.Clone());
    }
}
