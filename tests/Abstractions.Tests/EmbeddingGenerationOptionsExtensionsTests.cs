using Microsoft.Extensions.AI;

namespace Polymodal.Tests;

public class EmbeddingGenerationOptionsExtensionsTests
{
    [Fact]
    public void WithIntent_leaves_the_original_as_it_was()
    {
        var original = new EmbeddingGenerationOptions { ModelId = "minilm", Dimensions = 64, AdditionalProperties = new() { ["user"] = "u1" } };

        EmbeddingGenerationOptions query = original.WithIntent(EmbeddingIntent.Query);

        Assert.Null(original.GetIntent());
        Assert.Equal(["user"], original.AdditionalProperties.Keys);
        Assert.Equal(EmbeddingIntent.Query, query.GetIntent());
        Assert.Equal(("minilm", 64, "u1"), (query.ModelId, query.Dimensions, query.AdditionalProperties?["user"]));
    }

    [Fact]
    public void A_second_intent_replaces_the_first_in_the_copy_only()
    {
        EmbeddingGenerationOptions query = new EmbeddingGenerationOptions().WithIntent(EmbeddingIntent.Query);
        EmbeddingGenerationOptions document = query.WithIntent(EmbeddingIntent.Document);

        Assert.Equal(EmbeddingIntent.Query, query.GetIntent());
        Assert.Equal(EmbeddingIntent.Document, document.GetIntent());
    }

    [Theory]
    [InlineData(EmbeddingIntent.Query)]
    [InlineData(EmbeddingIntent.Clustering)]
    public void The_intent_survives_the_clone_that_wrapping_generators_make(EmbeddingIntent intent) =>
        Assert.Equal(intent, new EmbeddingGenerationOptions().WithIntent(intent).Clone().GetIntent());

    [Fact]
    public void Null_options_are_empty_options()
    {
        EmbeddingGenerationOptions? none = null;

        Assert.Null(none.GetIntent());
        Assert.Equal(EmbeddingIntent.Classification, none.WithIntent(EmbeddingIntent.Classification).GetIntent());
    }

    [Fact]
    public void Options_without_an_intent_have_none()
    {
        Assert.Null(new EmbeddingGenerationOptions().GetIntent());
        Assert.Null(new EmbeddingGenerationOptions { AdditionalProperties = new() { ["intent"] = "query" } }.GetIntent());
    }
}
