namespace Polymodal.Tests;

public class EmbeddingFrameworkTests
{
    [Theory]
    [InlineData("image/png", "image/png")]
    [InlineData("image/png", "IMAGE/Png")]
    [InlineData("IMAGE/PNG", "image/png")]
    [InlineData("image/*", "image/svg+xml")]
    [InlineData("Image/*", "iMAGE/png")]
    [InlineData("text/*", "text/plain; charset=utf-8")]
    [InlineData("text/plain", "text/plain;charset=iso-8859-1;format=flowed")]
    [InlineData("text/plain", " text/plain ; charset=utf-8")]
    public void Takes_what_a_media_type_covers(string pattern, string mediaType) =>
        Assert.True(Fake.Framework("any", EmbeddingModality.Image, pattern).Takes(mediaType));

    [Theory]
    [InlineData("image/*", "audio/png")]
    [InlineData("image/*", "imagery/png")]
    [InlineData("image/*", "image")]
    [InlineData("image/*", "x-image/png")]
    [InlineData("image/png", "image/png2")]
    [InlineData("image/png", "image/pn")]
    [InlineData("image/png", "image/*")]
    [InlineData("text/plain", "image/png; name=text/plain")]
    [InlineData("text/plain", "")]
    public void Leaves_what_it_does_not_cover(string pattern, string mediaType) =>
        Assert.False(Fake.Framework("any", EmbeddingModality.Image, pattern).Takes(mediaType));

    [Fact]
    public void Any_of_several_media_types_is_enough()
    {
        EmbeddingFramework framework = Fake.Framework("sounds", EmbeddingModality.Audio, "audio/wav", "audio/x-aiff", "video/*");

        Assert.All(["audio/wav", "audio/x-aiff", "video/mp4"], mediaType => Assert.True(framework.Takes(mediaType)));
        Assert.False(framework.Takes("audio/mpeg"));
    }

    [Fact]
    public void Without_media_types_nothing_is_taken() =>
        Assert.False(Fake.Framework("none", EmbeddingModality.Text).Takes("text/plain"));

    [Fact]
    public void Null_is_not_a_media_type() =>
        Assert.Throws<ArgumentNullException>(() => Fake.Framework("any", EmbeddingModality.Text, "text/*").Takes(null!));

    [Fact]
    public void Detection_is_asked_each_time()
    {
        bool downloaded = false;
        EmbeddingFramework framework = Fake.Framework("late", EmbeddingModality.Text) with
        {
            Detection = () => downloaded ? FrameworkAvailability.Found("models/late") : FrameworkAvailability.Missing("no model; pull it"),
        };

        Assert.Equal(new FrameworkAvailability(false, "no model; pull it"), framework.Detect());
        downloaded = true;
        Assert.Equal(new FrameworkAvailability(true, "models/late"), framework.Detect());
    }

    [Fact]
    public void A_detection_that_throws_means_not_available_and_why()
    {
        EmbeddingFramework framework = Fake.Framework("broken", EmbeddingModality.Text) with
        {
            Detection = () => throw new UnauthorizedAccessException("models/broken cannot be read. Give this user access."),
        };

        Assert.Equal(new FrameworkAvailability(false, "models/broken cannot be read. Give this user access."), framework.Detect());
    }
}
