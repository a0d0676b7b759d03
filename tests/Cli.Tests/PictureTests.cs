namespace Polymodal.Cli.Tests;

public sealed class PictureTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    private static string Cat => Repository.PathOf("models/media/photos/cat.jpg");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Shipped_classifier_names_what_is_in_a_picture()
    {
        CliResult result = await CliResult.RunAsync("classify", "image", Cat, "--top", "2");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Matches("cat.jpg: a cat .* 0[.][0-9]{2}, .* 0[.][0-9]{2}$", Assert.Single(result.Lines));
    }

    [Fact]
    public async Task A_folder_gives_a_vector_a_picture_and_names_those_that_are_broken()
    {
        File.Copy(Cat, _folder.FullName + "/a.jpg");
        await File.WriteAllTextAsync(_folder.FullName + "/b.png", "no picture");
        CliResult result = await CliResult.RunAsync("embed", "image", _folder.FullName, "--json");
        Assert.Equal(CliApplication.Failure, result.Code);
        Assert.Contains("b.png: the file of 10 bytes", result.Error, StringComparison.Ordinal);
        Assert.Equal(1280, Assert.Single(result.Objects).GetProperty("vector").GetArrayLength());
    }

    [Fact]
    public async Task Duplicates_are_grouped_and_others_left_out()
    {
        foreach ((string from, string to) in new[] { ("cat.jpg", "1.jpg"), ("cat.jpg", "2.jpg"), ("rocket.jpg", "3.jpg"), ("brick.jpg", "4.jpg") })
            File.Copy(Repository.PathOf($"models/media/photos/{from}"), Path.Combine(_folder.FullName, to));
        CliResult result = await CliResult.RunAsync("duplicates", _folder.FullName);
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        string line = Assert.Single(result.Lines);
        Assert.StartsWith("same\t", line, StringComparison.Ordinal);
        Assert.EndsWith("2.jpg", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.jpg is neither a file nor a folder", "embed", "image", "nowhere.jpg")]
    [InlineData("'clop' is no picture framework; known: timm, clip", "embed", "image", ".", "--framework", "clop")]
    [InlineData("--threshold must be 0 to 1", "duplicates", ".", "--threshold", "2")]
    public async Task Wrong_arguments_are_told_in_one_line(string message, params string[] arguments)
    {
        string[] given = [.. arguments.Select(argument => argument == "." ? Path.GetDirectoryName(Cat)! : argument)];
        CliResult result = await CliResult.RunAsync(given);
        Assert.Equal(CliApplication.Failure, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}
