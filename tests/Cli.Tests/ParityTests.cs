
namespace Polymodal.Cli.Tests;

public sealed class ParityTests
{
    [Theory, InlineData("bert-mean-normalize", 36), InlineData("e5-prompts", 48), InlineData("mpnet-mean", 22)]
    public async Task Recorded_models_pass(string name, int rows)
    {
        CliResult result = await CliResult.RunAsync("parity", Repository.Reference($"text/{name}"));
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Contains($"{rows} passed, 0 failed, 0 not supported, 0 informative", result.Lines);
        Assert.Equal(Repository.Reference($"text/{name}"), result.Lines[0]);
    }

    [Fact]
    public async Task Json_is_a_line_a_tensor()
    {
        CliResult result = await CliResult.RunAsync("parity", "--json", CliResult.SmallModel);
        Assert.Equal(48, result.Objects.Length);
        Assert.All(result.Objects, row =>
        {
            Assert.Equal(CliResult.SmallModel, row.GetProperty("folder").GetString());
            Assert.Equal("Pass", row.GetProperty("verdict").GetString());
            Assert.InRange(row.GetProperty("largestDifference").GetDouble(), 0, 1e-5);
        });
        Assert.Equal(48, result.Objects.Select(row => $"{row.GetProperty("case")}/{row.GetProperty("tensor")}").Distinct().Count());
    }

    [Fact]
    public async Task Gzipped_record_is_read()
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        copy.Gzip();
        Assert.Equal(CliApplication.Success, (await CliResult.RunAsync("parity", copy.Folder)).Code);
        copy.Cut("reference.json.gz");
        await IsUnreadable(copy, "reference.json.gz");
    }

    [Fact]
    public async Task One_changed_number_fails_its_tensor_alone()
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        var tensors = new TensorFile(copy.Tensors);
        tensors.Change("tokenize/ids", 40, id => id + 1);
        tensors.Change("encode/sentence_embedding", 77, value => value + 1e-4);
        tensors.Save();
        CliResult result = await CliResult.RunAsync("parity", copy.Folder, "--json");
        Assert.Equal(CliApplication.Failure, result.Code);
        var failed = result.Objects.Where(row => row.GetProperty("verdict").GetString() == "Fail").ToArray();
        Assert.Equal(["ids", "sentence_embedding"], failed.Select(row => row.GetProperty("tensor").GetString()));
        Assert.Equal(["at 40: ", "at 77: "], failed.Select(row => row.GetProperty("note").GetString()![..7]));
    }

    [Fact]
    public async Task Other_weights_in_the_model_file_fail()
    {
        using var copy = new ReferenceCopy("bert-mean-normalize");
        byte[] model = File.ReadAllBytes(copy.PathOf("onnx/model.onnx"));
        model.AsSpan(model.Length / 2, 4_096).Clear();
        File.WriteAllBytes(copy.PathOf("onnx/model.onnx"), model);
        CliResult result = await CliResult.RunAsync("parity", copy.Folder);
        Assert.Equal(CliApplication.Failure, result.Code);
        Assert.Matches(@"\d+ passed, [1-9]\d* failed", result.Output);
    }

    [Theory, InlineData("e5-prompts"), InlineData("bert-cls"), InlineData("electra-mean")]
    public async Task Model_file_of_another_folder_never_passes(string other)
    {
        using var copy = new ReferenceCopy("bert-mean-normalize");
        File.Copy(Repository.Reference($"text/{other}/onnx/model.onnx"), copy.PathOf("onnx/model.onnx"), overwrite: true);
        CliResult result = await CliResult.RunAsync("parity", copy.Folder);
        Assert.NotEqual(CliApplication.Success, result.Code);
        Assert.DoesNotContain("POLYMODAL_DEBUG", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shipped_model_without_its_texts_says_what_is_missing()
    {
        using var folder = new ReferenceCopy("mpnet-mean");
        string shipped = Path.Combine(Repository.Reference(""), "..", "..", "..", "models", "all-MiniLM-L6-v2");
        foreach (string file in Directory.EnumerateFiles(shipped, "reference.*"))
            File.Copy(file, folder.PathOf(Path.GetFileName(file)), overwrite: true);
        await IsUnreadable(folder, "texts.json is missing");
    }

    [Theory]
    [InlineData("modules.json"), InlineData("tokenizer.json"), InlineData("onnx/model.onnx"), InlineData("1_Pooling/config.json")]
    public async Task Missing_file_of_the_model_is_unreadable(string file)
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        copy.Delete(file);
        await IsUnreadable(copy, Path.GetFileName(file));
    }

    [Theory]
    [InlineData("reference.json"), InlineData("reference.safetensors"), InlineData("tokenizer.json"), InlineData("onnx/model.onnx"), InlineData("modules.json")]
    public async Task Cut_file_is_unreadable(string file)
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        copy.Cut(file);
        await IsUnreadable(copy, Path.GetFileName(file));
    }

    [Theory]
    [InlineData("\"texts\": [", "\"texts\": [ {},")]
    [InlineData("\"id\": \"one-char\"", "\"id\": \"empty\"")]
    [InlineData("\"cases\": [", "\"cases\": [ 7,")]
    [InlineData("\"name\": \"mpnet-mean\"", "\"name\": 5")]
    [InlineData("\"compare\": {", "\"compare\": 5, \"other\": {")]
    [InlineData("\"ids\",", "\"ids_2\", \"ids\", 7,")]
    public async Task Record_of_another_shape_is_unreadable(string old, string @new)
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        copy.Replace("reference.json", old, @new);
        await IsUnreadable(copy, "reference.json");
    }

    [Fact]
    public async Task Folder_without_a_record_is_unreadable()
    {
        CliResult missing = await CliResult.RunAsync("parity", "/no/such/folder");
        Assert.Equal(CliApplication.Unreadable, missing.Code);
        Assert.StartsWith("error: /no/such/folder is not a folder.", missing.Error, StringComparison.Ordinal);
        using var copy = new ReferenceCopy("mpnet-mean");
        copy.Delete("reference.json");
        await IsUnreadable(copy, "has no reference.json");
    }

    [Theory, InlineData("evaluation/clustering-projection"), InlineData("evaluation/correlation")]
    public async Task What_is_not_built_is_reported_and_never_passes(string name)
    {
        CliResult result = await CliResult.RunAsync("parity", Repository.Reference(name), "--json");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.NotEmpty(result.Objects);
        Assert.All(result.Objects, row =>
        {
            Assert.Equal("NotSupported", row.GetProperty("verdict").GetString());
            Assert.NotEmpty(row.GetProperty("note").GetString()!);
        });
    }

    [Fact]
    public async Task Worst_of_several_folders_counts_and_all_are_compared()
    {
        using ReferenceCopy wrong = new("mpnet-mean"), damaged = new("mpnet-mean");
        var tensors = new TensorFile(wrong.Tensors);
        tensors.Change("tokenize/lengths", 3, length => length + 1);
        tensors.Save();
        damaged.Cut("tokenizer.json");
        string good = Repository.Reference("text/mpnet-mean");
        Assert.Equal(CliApplication.Failure, (await CliResult.RunAsync("parity", wrong.Folder, good)).Code);
        CliResult all = await CliResult.RunAsync("parity", damaged.Folder, wrong.Folder, good);
        Assert.Equal(CliApplication.Unreadable, all.Code);
        Assert.Equal(["21 passed, 1 failed, 0 not supported, 0 informative", "22 passed, 0 failed, 0 not supported, 0 informative"], all.Lines.Where(line => line.Contains("passed", StringComparison.Ordinal)));
        Assert.Single(all.Error.TrimEnd().Split('\n'));
    }

    private static async Task IsUnreadable(ReferenceCopy copy, string names)
    {
        CliResult result = await CliResult.RunAsync("parity", copy.Folder);
        Assert.Equal(CliApplication.Unreadable, result.Code);
        string line = Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Contains(names, line, StringComparison.Ordinal);
        Assert.DoesNotContain("POLYMODAL_DEBUG", line, StringComparison.Ordinal);
    }
}
