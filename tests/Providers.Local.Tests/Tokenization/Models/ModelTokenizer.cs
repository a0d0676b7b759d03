using System.Text.Json;
using System.Text.Json.Nodes;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Tests.Tokenization.Models;

/// <summary>Tokenizers that are a model and little else.</summary>
internal static class ModelTokenizer
{
    /// <summary>A tokenizer of one model.</summary>
    /// <param name="model">The section as it stands in the file.</param>
    /// <param name="preTokenizer">Name of a pre-tokenizer without fields; null: the text is one piece.</param>
    public static Tokenizer Create(string model, string? preTokenizer = null)
    {
        var file = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["pre_tokenizer"] = preTokenizer is null ? null : new JsonObject { ["type"] = preTokenizer },
            ["model"] = JsonNode.Parse(model),
        };
        return Tokenizer.FromJson(JsonSerializer.SerializeToUtf8Bytes(file), "tokenizer.json");
    }

    /// <summary>Asserts ids and places, and that both ways of encoding agree, also when the pieces are known already.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">The text; without surrogates, so that places are code points.</param>
    /// <param name="ids">The ids, with spaces between.</param>
    /// <param name="offsets">Start and end of each token, as <c>0-1 1-3</c>; null to leave them out.</param>
    public static void AssertEncodes(Tokenizer tokenizer, string text, string ids, string? offsets = null)
    {
        EncodedText encoded = tokenizer.Encode(text);
        Assert.Equal(ids, string.Join(' ', encoded.InputIds));
        if (offsets is not null)
            Assert.Equal(offsets, string.Join(' ', encoded.Offsets.Select(offset => $"{TokenizerFixtures.InCodePoints(text, offset.Start)}-{TokenizerFixtures.InCodePoints(text, offset.End)}")));
        AssertSameIds(tokenizer, text);
    }

    /// <summary>Asserts that the way without places gives the ids of the way with them, at first and again.</summary>
    public static void AssertSameIds(Tokenizer tokenizer, string text)
    {
        IReadOnlyList<int> expected = tokenizer.Encode(text).InputIds;
        var buffer = new TokenBuffer();
        Assert.Equal(expected, tokenizer.Encode(text, buffer).ToArray());
        Assert.Equal(expected, tokenizer.Encode(text, buffer).ToArray());
    }
}
