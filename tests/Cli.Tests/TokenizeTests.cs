using System.Text.Json;

namespace Polymodal.Cli.Tests;

public sealed class TokenizeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    private static string MiniLM => Repository.Reference("tokenizers/real/minilm-uncased");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_line_a_text_with_ids_and_places()
    {
        CliResult result = await CliResult.RunAsync("tokenize", "Hello, wörlds!", "");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Equal(["[CLS]/101 hello/7592/0-5 ,/1010/5-6 worlds/8484/7-13 !/999/13-14 [SEP]/102", "[CLS]/101 [SEP]/102"], result.Lines);
    }

    [Theory, InlineData(""), InlineData("/tokenizer.json")]
    public async Task Ids_alone_are_those_of_the_folder_or_the_file(string file)
    {
        CliResult result = await CliResult.RunWithInputAsync("hello\n\nHELLO worlds\n", "tokenize", "--tokenizer", MiniLM + file, "--file", "-", "--ids");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Equal(["101 7592 102", "101 102", "101 7592 8484 102"], result.Lines);
        Assert.Equal(["7592"], (await CliResult.RunAsync("tokenize", "hello", "--no-special", "--ids")).Lines);
    }

    [Fact]
    public async Task A_folder_without_tokenizer_json_is_read_too()
    {
        foreach (string file in (string[])["vocab.txt", "tokenizer_config.json"])
            File.Copy(Path.Combine(MiniLM, file), Path.Combine(_folder.FullName, file));
        Assert.Equal(["101 7592 102"], (await CliResult.RunAsync("tokenize", "hello", "--ids", "--tokenizer", _folder.FullName)).Lines);
    }

    [Fact]
    public async Task Json_counts_places_in_units_of_the_text_as_programs_see_it()
    {
        CliResult result = await CliResult.RunAsync("tokenize", "👍🏽 hi", "x", "--json");
        Assert.Equal([0, 1], result.Objects.Select(line => line.GetProperty("index").GetInt32()));
        JsonElement first = result.Objects[0];
        Assert.Equal(["[CLS]", "[UNK]", "hi", "[SEP]"], first.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal([[0, 0], [0, 4], [5, 7], [0, 0]], first.GetProperty("offsets").EnumerateArray().Select(offset => offset.EnumerateArray().Select(place => place.GetInt32()).ToArray()));
        Assert.Equal([1, 0, 0, 1], first.GetProperty("specialTokensMask").EnumerateArray().Select(mask => mask.GetInt32()));
    }

    [Fact]
    public async Task Control_characters_of_a_token_do_not_reach_the_terminal()
    {
        string file = Path.Combine(_folder.FullName, "tokenizer.json");
        await File.WriteAllTextAsync(file, """{"added_tokens":[{"id":1,"content":"\u001b[31m","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false}],"model":{"type":"WordLevel","vocab":{"?":0},"unk_token":"?"}}""");
        Assert.Equal([" [31m/1/0-5"], (await CliResult.RunAsync("tokenize", "\u001b[31m", "--tokenizer", file)).Lines);
    }

    [Fact]
    public async Task What_is_wrong_is_one_line()
    {
        (await CliResult.RunAsync("tokenize")).IsError("Give texts, or a file with --file, and not both.");
        (await CliResult.RunAsync("tokenize", "a", "--ids", "--json")).IsError("Give --json or --ids, and not both.");
        (await CliResult.RunAsync("tokenize", "a", "--tokenizer", "/no/such")).IsError("/no/such does not exist", "Give a tokenizer.json, or the folder");
        (await CliResult.RunAsync("tokenize", "a", "--tokenizer", _folder.FullName)).IsError("has no tokenizer.json", "vocab.txt");
        (await CliResult.RunAsync("tokenize", "a", "--tokenizer", Repository.Reference("tokenizers/invalid/truncated.json"))).IsError("truncated.json", "line 65");
        (await CliResult.RunAsync("tokenize", "a", "--file", "lines.txt")).IsError("Give texts, or a file");
    }
}
