using System.Text.Json;

namespace Polymodal.Cli.Tests;

public sealed class CompareTests
{
    private const string Question = "What is the capital of Australia?", Answer = "Canberra, not Sydney, is the seat of the Australian government.";

    private static string Photo(string name) => Repository.PathOf($"models/media/photos/{name}.jpg");

    [Fact]
    public async Task Two_texts_score_as_recorded()
    {
        CliResult result = await CliResult.RunAsync("compare", Question, Answer);
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Matches("^ 0.660[0-9]  cosine in .*all-MiniLM-L6-v2", Assert.Single(result.Lines));
    }

    [Fact]
    public async Task Two_pictures_have_a_score_and_their_space()
    {
        CliResult result = await CliResult.RunAsync("compare", Photo("cat"), Photo("cat"), "--json");
        JsonElement json = Assert.Single(result.Objects);
        Assert.Equal((1, "Cosine", 0), (json.GetProperty("score").GetSingle(), json.GetProperty("metric").GetString(), json.GetProperty("bridges").GetArrayLength()));
        Assert.Contains("efficientnet", json.GetProperty("space").GetString(), StringComparison.Ordinal);
        Assert.Equal(Photo("cat"), json.GetProperty("first").GetString());
    }

    [Fact]
    public async Task A_text_and_a_picture_of_unrelated_models_are_refused_with_what_would_do()
    {
        (await CliResult.RunAsync("compare", "a cat", Photo("cat"))).IsError("all-MiniLM-L6-v2", "tf_efficientnet_lite0", "cannot be compared", "What would do: towers of one space (CLIP, SigLIP)");
        CliResult json = await CliResult.RunAsync("compare", Photo("cat"), "a cat", "--json");
        Assert.Equal((CliApplication.Failure, ""), (json.Code, json.Error));
        JsonElement refused = Assert.Single(json.Objects);
        Assert.Equal(JsonValueKind.Null, refused.GetProperty("score").ValueKind);
        Assert.Contains("cannot be compared", refused.GetProperty("refusal").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Towers_of_one_folder_compare()
    {
        string clip = Repository.Reference("image/clip");
        CliResult result = await CliResult.RunAsync("compare", "a cat", Photo("cat"), "--json", "--text", "clip-text", "--text-model", clip, "--image", "clip", "--image-model", clip);
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.InRange(Assert.Single(result.Objects).GetProperty("score").GetSingle(), -1f, 1f);
    }

    [Fact]
    public async Task What_is_missing_or_unknown_is_said_in_a_line()
    {
        (await CliResult.RunAsync("compare", "a cat", "photos/ctt.jpg")).IsError("there is no file photos/ctt.jpg");
        (await CliResult.RunAsync("compare", "a", "b", "--text", "berd")).IsError("'berd' is not registered", "sentence-transformers");
        (await CliResult.RunAsync("compare", "alone")).IsError("compare --help");
        (await CliResult.RunAsync("compare", "a cat", Repository.PathOf("Polymodal.slnx"))).IsError("no route takes it");
    }
}
