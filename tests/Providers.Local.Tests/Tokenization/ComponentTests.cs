using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Each step alone, read from the JSON of the recorded configuration. Types that are not built yet are told by the reader itself.</summary>
public sealed class ComponentTests
{
    public static TheoryData<int, string> Normalizers => Configurations("normalizers", part => TokenizerJson.Normalizers.Read(part), atLeast: 40);

    public static TheoryData<int, string> PreTokenizers => Configurations("pre_tokenizers", part => TokenizerJson.PreTokenizers.Read(part), atLeast: 13);

    public static TheoryData<int, string> Decoders => Configurations("decoders", part => TokenizerJson.Decoders.Read(part), atLeast: 3);

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
        var pieces = new PieceList();
        foreach ((string input, JsonElement[] result) in Results("pre_tokenizers", index))
        {
            pieces.Reset(0, input.Length);
            preTokenizer.Apply(input, pieces);
            Assert.Equal(
                result[1].EnumerateArray().Select(piece => (piece[0].GetString()!, piece[1].GetInt32(), piece[2].GetInt32()))
                    .Where(piece => piece.Item2 < piece.Item3), // an empty sequence leaves an empty text as an empty piece, which becomes no token
                pieces.Current.ToArray().Select(piece =>
                    (input[piece.Start..piece.End], TokenizerFixtures.InCodePoints(input, piece.Start), TokenizerFixtures.InCodePoints(input, piece.End))));
        }
    }

    [Theory, MemberData(nameof(Decoders))]
    public void Decodes_like_the_reference(int index, string configuration)
    {
        Decoder decoder = TokenizerJson.Decoders.Read(Part(configuration));
        foreach (JsonElement result in Component("decoders", index).GetProperty("results").EnumerateArray())
            Assert.Equal(result[1].GetString(), decoder.Decode(result[0].Strings()));
    }

    private static TheoryData<int, string> Configurations(string file, Action<JsonPart> read, int atLeast)
    {
        var known = new TheoryData<int, string>();
        JsonElement[] components = [.. TokenizerFixtures.Json($"components/{file}.json").GetProperty("components").EnumerateArray()];
        for (int i = 0; i < components.Length; i++)
        {
            string configuration = components[i].GetProperty("config").GetRawText();
            try
            {
                read(Part(configuration));
                known.Add(i, configuration);
            }
            catch (NotSupportedException)
            {
            }
        }

        Assert.True(known.Count >= atLeast, $"{file}: only {known.Count} configurations are read");
        return known;
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
        using JsonDocument document = JsonDocument.Parse(configuration);
        return new JsonPart("component", "", document.RootElement.Clone());
    }
}
