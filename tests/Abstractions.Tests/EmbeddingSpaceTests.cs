using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Polymodal.Tests;

public class EmbeddingSpaceTests
{
    [Fact]
    public void A_stamped_vector_says_where_it_comes_from()
    {
        var vector = new Embedding<float>(new float[] { 1, 2 });
        Fake.Space("minilm").Stamp(vector);

        Assert.Equal("minilm", EmbeddingSpace.SpaceIdOf(vector));
        Assert.Equal("minilm@fp32", vector.AdditionalProperties?[EmbeddingSpace.FingerprintProperty]);
    }

    [Fact]
    public void Cut_vectors_have_a_space_of_their_own_whoever_cut_them()
    {
        EmbeddingSpace space = Fake.Space("minilm"), cut = space.Cut(1);
        Assert.Same(space, space.Cut(2));
        Assert.Equal(("minilm/cut-1", "minilm@fp32/cut-1", 1), (cut.SpaceId, cut.Fingerprint, cut.Dimensions));
        Assert.Contains("must be 1 to 2", Assert.Throws<ArgumentOutOfRangeException>(() => space.Cut(3)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => space.Cut(0));
    }

    [Fact]
    public void Stamping_keeps_other_properties_and_replaces_an_older_stamp()
    {
        var vector = new Embedding<float>(new float[] { 1 }) { AdditionalProperties = new() { ["page"] = 7 } };
        Fake.Space("old").Stamp(vector);
        Fake.Space("new").Stamp(vector);

        Assert.Equal(7, vector.AdditionalProperties["page"]);
        Assert.Equal("new", EmbeddingSpace.SpaceIdOf(vector));
        Assert.Equal("new@fp32", vector.AdditionalProperties[EmbeddingSpace.FingerprintProperty]);
    }

    [Fact]
    public void The_stamp_survives_a_cache_that_keeps_vectors_as_json()
    {
        var vector = new Embedding<float>(new float[] { 1, 2 });
        Fake.Space("minilm").Stamp(vector);

        string json = JsonSerializer.Serialize(vector, AIJsonUtilities.DefaultOptions);
        Embedding<float> cached = JsonSerializer.Deserialize<Embedding<float>>(json, AIJsonUtilities.DefaultOptions)!;

        Assert.Equal("minilm", EmbeddingSpace.SpaceIdOf(cached));
    }

    [Fact]
    public void A_vector_without_a_stamp_has_no_space()
    {
        Assert.Null(EmbeddingSpace.SpaceIdOf(new Embedding<float>(new float[] { 1 })));
        Assert.Null(EmbeddingSpace.SpaceIdOf(new Embedding<float>(new float[] { 1 }) { AdditionalProperties = [] }));
        Assert.Null(EmbeddingSpace.SpaceIdOf(new Embedding<float>(new float[] { 1 }) { AdditionalProperties = new() { [EmbeddingSpace.SpaceIdProperty] = null } }));
    }

    [Theory]
    [InlineData("minilm", "minilm")]
    [InlineData(null, "minilm")]
    [InlineData("minilm", null)]
    [InlineData(null, null)]
    public void One_space_or_an_unknown_one_passes(string? first, string? second) =>
        Assert.Null(Record.Exception(() => EmbeddingSpace.EnsureSame(first, second)));

    [Theory]
    [InlineData("minilm", "wav2vec2")]
    [InlineData("minilm", "MiniLM")]
    [InlineData("minilm", "")]
    public void Two_spaces_are_an_error_that_names_both(string first, string second)
    {
        var error = Assert.Throws<EmbeddingSpaceMismatchException>(() => EmbeddingSpace.EnsureSame(first, second));

        Assert.Equal((first, second), (error.First, error.Second));
        Assert.Contains($"'{first}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{second}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_vectors_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => Fake.Space("any").Stamp(null!));
        Assert.Throws<ArgumentNullException>(() => EmbeddingSpace.SpaceIdOf(null!));
    }
}
