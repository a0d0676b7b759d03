namespace Polymodal.Cli.Tests;

public sealed class ClassifyTests
{
    private static string Clip => Repository.Reference("image/clip");

    private static string Clap => Repository.Reference("audio/clap-unfused");

    private static string Photo => Repository.Reference("media/images/photo-chelsea-160x107.png");

    private static string Bell => Repository.Reference("media/audio/bell-48k.wav");

    [Fact]
    public async Task A_text_is_of_the_class_it_is_about()
    {
        CliResult result = await CliResult.RunAsync("classify", "text", "How long must the bread stay in the oven?", "The keeper held the ball in the last minute of the match.", "--labels", "cooking, sport", "--labels", "music", "--json");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Equal(["cooking", "sport"], result.Objects.Select(line => line.GetProperty("classes")[0].GetProperty("label").GetString()));
        Assert.All(result.Objects, line =>
        {
            Assert.Equal(1, line.GetProperty("classes").EnumerateArray().Sum(found => found.GetProperty("probability").GetDouble()), 6);
            Assert.False(line.GetProperty("none").GetBoolean());
        });
    }

    [Fact]
    public async Task None_fits_below_the_bound()
    {
        CliResult result = await CliResult.RunAsync("classify", "text", "How long must the bread stay in the oven?", "--labels", "tax law,astronomy", "--none-below", "0.9");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Contains(": none of these; nearest: ", Assert.Single(result.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_and_sounds_are_judged_by_a_folder_with_both_towers()
    {
        CliResult pictures = await CliResult.RunAsync("classify", "image", Photo, "--labels", "cat,dog,flower,rocket", "--framework", "clip", "--model", Clip, "--top", "4");
        Assert.Equal((CliApplication.Success, ""), (pictures.Code, pictures.Error));
        Assert.Matches("photo-chelsea-160x107.png: [a-z]+ 0[.][0-9]{2}, .* 0[.][0-9]{2}$", Assert.Single(pictures.Lines));

        CliResult sounds = await CliResult.RunAsync("classify", "audio", Bell, "--labels", "a bell,a siren", "--model", Clap, "--json");
        Assert.Equal((CliApplication.Success, ""), (sounds.Code, sounds.Error));
        Assert.Equal(2, Assert.Single(sounds.Objects).GetProperty("classes").GetArrayLength());
    }

    [Theory]
    [InlineData("--labels needs a model with towers of texts and pictures", "classify", "image", "PHOTO", "--labels", "cat,dog")]
    [InlineData("--labels names no class", "classify", "text", "a", "--labels", " , ")]
    [InlineData("Put {} where the name", "classify", "text", "a", "--labels", "b", "--template", "no place")]
    [InlineData("--none-below must be -1 to 1", "classify", "text", "a", "--labels", "b", "--none-below", "7")]
    [InlineData("--top must be at least 1", "classify", "text", "a", "--labels", "b", "--top", "0")]
    public async Task Wrong_arguments_are_told_in_one_line(string message, params string[] arguments)
    {
        CliResult result = await CliResult.RunAsync([.. arguments.Select(argument => argument == "PHOTO" ? Photo : argument)]);
        Assert.Equal(CliApplication.Failure, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}
