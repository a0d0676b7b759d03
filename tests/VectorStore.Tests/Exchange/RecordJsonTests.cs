using Microsoft.Extensions.AI;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Exchange;

public sealed class RecordJsonTests
{
    [Fact]
    public void A_record_comes_back_as_it_was()
    {
        VectorRecord[] records =
        [
            Record("a \"quoted\" id\n", [-0f, float.Epsilon, float.MaxValue, 0.1f]) with { Payload = new() { ["n"] = 5.0, ["i"] = 5, ["t"] = DateTimeOffset.UnixEpoch, ["l"] = new[] { "x" }, ["b"] = true, [""] = "日本" } },
            new() { Id = long.MinValue, Text = "", Vectors = new Dictionary<string, Embedding<float>> { ["picture"] = new(new float[] { 1 }), ["text"] = new(new float[] { 2, 3 }) } },
            new() { Id = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"), Embedding = new(new float[] { 1 }) },
        ];
        foreach (VectorRecord record in records)
        {
            string line = RecordJson.Write(record);
            Assert.DoesNotContain('\n', line);
            AssertSame(record, RecordJson.ReadRecord(line));
            Assert.Empty(RecordJson.ReadRecord(RecordJson.Write(record, withVectors: false)).Vectors);
            Assert.Null(RecordJson.ReadDefinition(line));
        }

        Assert.True(float.IsNegative(RecordJson.ReadRecord(RecordJson.Write(records[0])).Embedding.Vector.Span[0]));
    }

    [Fact]
    public void A_definition_comes_back_as_it_was()
    {
        var definition = new VectorCollectionDefinition([new("a", new() { SpaceId = "s", Dimensions = 2, Metric = SimilarityMetric.Euclidean, Fingerprint = "f" }), new("", OneVector)]) { Tokenizer = LexicalTokenizer.Trigrams };
        Assert.Equal(definition, RecordJson.ReadDefinition(RecordJson.Write(definition)));
    }

    [Theory]
    [InlineData(""), InlineData("[]"), InlineData("{}"), InlineData("{\"id\":1.5}"), InlineData("{\"id\":null}"), InlineData("{\"id\":{\"guid\":\"x\"}}"), InlineData("{\"id\":1,\"vector\":[\"x\"]}")]
    [InlineData("{\"id\":1,\"vector\":{}}"), InlineData("{\"id\":1,\"payload\":[]}"), InlineData("{\"id\":1,\"payload\":{\"a\":[1]}}"), InlineData("{\"id\":1,\"txt\":\"\"}"), InlineData("{\"id\":1,\"text\":5}")]
    public void Another_line_is_refused(string line) => Assert.Throws<FormatException>(() => RecordJson.ReadRecord(line));

    [Theory]
    [InlineData("{\"collection\":{}}"), InlineData("{\"collection\":{\"tokenizer\":\"Words\",\"vectors\":{}}}"), InlineData("{\"collection\":{\"tokenizer\":\"Other\",\"vectors\":{\"\":{\"space\":\"s\",\"dimensions\":2,\"metric\":\"Cosine\"}}}}")]
    public void A_definition_that_is_not_whole_is_refused(string line) => Assert.Throws<FormatException>(() => RecordJson.ReadDefinition(line));
}
