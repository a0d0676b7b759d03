using System.Text.Json;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>The split patterns in use, on every hard text and random string, against the pieces that the reference library made.</summary>
public sealed class SplitPatternTests
{
    public static TheoryData<string> Patterns => [.. Recorded().EnumerateObject().Select(pattern => pattern.Name)];

    [Theory, MemberData(nameof(Patterns))]
    public void Cuts_every_text_like_the_reference(string name)
    {
        JsonElement pattern = Recorded().GetProperty(name);
        PreTokenizer preTokenizer = TokenizerJson.PreTokenizers.Read(new JsonPart("pattern", "", pattern.GetProperty("config")));
        var text = new NormalizedText();
        var pieces = new PieceList();
        int compared = 0;
        foreach (JsonElement row in pattern.GetProperty("pieces").EnumerateArray())
        {
            string input = TokenizerFixtures.Texts[row[0].GetString()!];
            text.Reset(input, 0, tracks: true);
            pieces.Reset(0, input.Length);
            preTokenizer.Apply(text, pieces);
            int[] actual = [.. pieces.Current.ToArray().Select(piece => text.Source(piece.Start, piece.End))
                .SelectMany(piece => new[] { TokenizerFixtures.InCodePoints(input, piece.Start), TokenizerFixtures.InCodePoints(input, piece.End) })];
            if (!row[1].Integers().SequenceEqual(actual))
                Assert.Fail($"{row[0].GetString()}: {string.Join(' ', row[1].Integers())} expected, {string.Join(' ', actual)} found");
            compared++;
        }

        Assert.Equal(TokenizerFixtures.Texts.Count, compared);
    }

    private static JsonElement Recorded() => TokenizerFixtures.Json("regex.json.gz").GetProperty("patterns");
}
