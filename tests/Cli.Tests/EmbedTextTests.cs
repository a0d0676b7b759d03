using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Polymodal.Cli.Tests;

public sealed class EmbedTextTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Shipped_model_gives_384_numbers_of_unit_length()
    {
        CliResult result = await CliResult.RunAsync("embed", "text", "a cat on the sofa", "", "👩‍👩‍👧‍👦 \u0000 日本語", "--json");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Equal(3, result.Objects.Length);
        Assert.All(result.Objects, (line, index) =>
        {
            Assert.Equal(index, line.GetProperty("index").GetInt32());
            Assert.Equal("all-MiniLM-L6-v2", line.GetProperty("model").GetString());
            Assert.Contains("384", line.GetProperty("space").GetString(), StringComparison.Ordinal);
            float[] vector = Vector(line);
            Assert.Equal(384, vector.Length);
            Assert.All(vector, value => Assert.True(float.IsFinite(value)));
            Assert.Equal(1, vector.Sum(value => (double)value * value), 1e-5);
        });
    }

    [Fact]
    public async Task Plain_lines_parse_back_to_the_numbers_of_json()
    {
        string[] texts = ["Hello, world!", " \t", "Straße", "🏳️‍🌈"];
        CliResult plain = await CliResult.EmbedAsync(texts), json = await CliResult.EmbedAsync([.. texts, "--json"]);
        Assert.Equal(4, plain.Lines.Length);
        Assert.Equal(json.Objects.Select(Vector), plain.Lines.Select(Numbers));
    }

    [Fact]
    public async Task File_gives_a_line_a_line_whatever_ends_it_and_whatever_is_in_it()
    {
        string[] texts = ["one", "", "  ", "nul \u0000 inside", "form\ffeed and \u2028 are no line ends", "emoji 👍🏽", "last"];
        string file = Write("\uFEFF" + string.Join("\r\n", texts[..3]) + "\r" + string.Join('\n', texts[3..]));
        CliResult expected = await CliResult.EmbedAsync(texts), read = await CliResult.EmbedAsync("--file", file);
        Assert.Equal((CliApplication.Success, ""), (read.Code, read.Error));
        Assert.Equal(7, read.Lines.Length);
        AssertSameVectors(expected, read);
    }

    [Theory, InlineData("", 0), InlineData("\n", 1), InlineData("\n\n", 2), InlineData("a", 1), InlineData("a\n", 1), InlineData("a\n\nb", 3)]
    public async Task Standard_input_gives_a_vector_a_line(string input, int lines)
    {
        CliResult result = await CliResult.RunWithInputAsync(input, "embed", "text", "--model", CliResult.SmallModel, "--file", "-");
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.Equal(lines, result.Lines.Length);
    }

    [Fact]
    public async Task Results_of_the_first_lines_come_before_the_last_lines_are_read()
    {
        using StringWriter output = new(), error = new();
        int readBefore = -1;
        using var input = new EndlessLines(onLine: number =>
        {
            if (output.GetStringBuilder().Length > 0 && readBefore < 0)
                readBefore = number;
            return number < 2_000;
        });
        int code = await CliApplication.RunAsync(["embed", "text", "--model", CliResult.SmallModel, "--file", "-"], new CliConsole(input, output, error));
        Assert.Equal(CliApplication.Success, code);
        Assert.InRange(readBefore, 1, 600);
        Assert.Equal(2_000, new CliResult(code, output.ToString(), "").Lines.Length);
    }

    [Fact]
    public async Task Index_goes_on_over_the_calls_of_a_long_file()
    {
        string file = Write(string.Concat(Enumerable.Range(0, 600).Select(number => $"text {number}\n")));
        CliResult result = await CliResult.EmbedAsync("--file", file, "--json"), alone = await CliResult.EmbedAsync("text 599", "--json");
        Assert.Equal(Enumerable.Range(0, 600), result.Objects.Select(line => line.GetProperty("index").GetInt32()));
        AssertNear(Vector(alone.Objects[0]), Vector(result.Objects[599]));
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_an_error_that_says_where()
    {
        string file = Path.Combine(_folder.FullName, "latin1.txt");
        File.WriteAllBytes(file, [.. Enumerable.Repeat("a good line\n"u8.ToArray(), 1_000).SelectMany(line => line), 0xFC, (byte)'\n']);
        CliResult result = await CliResult.EmbedAsync("--file", file);
        Assert.Equal(CliApplication.Failure, result.Code);
        Assert.Matches($"^error: {file} is not UTF-8 somewhere after line \\d+\\. Save it as UTF-8\\.\\s*$", result.Error);
    }

    [Fact]
    public async Task Inputs_are_texts_or_a_file_and_not_both()
    {
        (await CliResult.RunAsync("embed", "text")).IsError("Give texts, or a file with --file, and not both.", "polymodal embed text --help");
        (await CliResult.RunAsync("embed", "text", "a", "--file", Write("b"))).IsError("Give texts, or a file");
        (await CliResult.RunAsync("embed", "text", "--file", "/no/such.txt")).IsError("/no/such.txt does not exist", "Give a file");
        (await CliResult.RunAsync("embed", "text", "--file", _folder.FullName)).IsError($"{_folder.FullName} is a folder");
    }

    [Fact]
    public async Task Dimensions_cut_and_keep_unit_length()
    {
        CliResult whole = await CliResult.EmbedAsync("a", "--json"), cut = await CliResult.EmbedAsync("a", "--json", "--dimensions", "16");
        float[] expected = Vector(whole.Objects[0])[..16];
        float length = MathF.Sqrt(expected.Sum(value => value * value));
        AssertNear(Array.ConvertAll(expected, value => value / length), Vector(cut.Objects[0]));
        Assert.NotEqual(whole.Objects[0].GetProperty("space").GetString(), cut.Objects[0].GetProperty("space").GetString());
    }

    [Fact]
    public async Task Dimensions_that_make_no_sense_are_named()
    {
        foreach (string wrong in (string[])["0", "-1", "1.5", "many", "99999999999"])
            (await CliResult.RunAsync("embed", "text", "a", "--dimensions", wrong)).IsError($"--dimensions is '{wrong}'", "at least 1");
        CliResult more = await CliResult.RunAsync("embed", "text", "a", "--dimensions", "385");
        more.IsError("384 dimensions", "1 to 384");
        Assert.Single((await CliResult.RunAsync("embed", "text", "a", "--dimensions", "384")).Lines);
    }

    [Fact]
    public async Task Intent_chooses_the_prompt_of_the_model()
    {
        // The folder's own prompts are "query: " and "passage: ", and "passage: " is its default.
        async Task<float[]> Of(params string[] args) => Numbers((await CliResult.EmbedAsync(args)).Lines.Single());
        float[] query = await Of("bread", "--intent", "query"), document = await Of("bread", "--intent", "Document");
        Assert.NotEqual(query, document);
        AssertNear(document, await Of("bread"));
        using var promptless = new ReferenceCopy("e5-prompts");
        promptless.Delete("config_sentence_transformers.json");
        CliResult literal = await CliResult.RunAsync("embed", "text", "query: bread", "--model", promptless.Folder);
        AssertNear(query, Numbers(literal.Lines.Single()));
        foreach (string wrong in (string[])["nonsense", "7", "query,document"])
            (await CliResult.EmbedAsync("a", "--intent", wrong)).IsError($"--intent is '{wrong}'", "query, document, similarity, classification, clustering");
    }

    [Fact]
    public async Task Weights_choose_the_file()
    {
        CliResult missing = await CliResult.EmbedAsync("a", "--weights", "int8");
        missing.IsError("onnx/model_int8.onnx", CliResult.SmallModel);
        (await CliResult.EmbedAsync("a", "--weights", "onnx/none.onnx")).IsError("onnx/none.onnx", CliResult.SmallModel);
        Assert.Equal((await CliResult.EmbedAsync("a")).Output, (await CliResult.EmbedAsync("a", "--weights", "onnx/model.onnx")).Output);
        foreach (string wrong in (string[])["nonsense", "../model.onnx", "/etc/model.onnx", ""])
            (await CliResult.EmbedAsync("a", "--weights", wrong)).IsError($"--weights is '{wrong}'", "fp32, fp16, int8, q4, auto", "inside the model folder");
    }

    [Fact]
    public async Task Folder_with_int8_alone_needs_the_option()
    {
        using var copy = new ReferenceCopy("e5-prompts");
        File.Move(copy.PathOf("onnx/model.onnx"), copy.PathOf("onnx/model_int8.onnx"));
        (await CliResult.RunAsync("embed", "text", "a", "--model", copy.Folder)).IsError("onnx/model.onnx", copy.Folder);
        Assert.Single((await CliResult.RunAsync("embed", "text", "a", "--model", copy.Folder, "--weights", "int8")).Lines);
    }

    [Fact]
    public async Task Model_that_is_none_is_named()
    {
        (await CliResult.RunAsync("embed", "text", "a", "--model", "/no/such/model")).IsError("/no/such/model is not a folder");
        (await CliResult.RunAsync("embed", "text", "a", "--model", _folder.FullName)).IsError("modules.json is missing", _folder.FullName);
        (await CliResult.RunAsync("embed", "text", "a", "--framework", "zzz")).IsError("'zzz'", "sentence-transformers");
        using var damaged = new ReferenceCopy("e5-prompts");
        damaged.Cut("onnx/model.onnx");
        (await CliResult.RunAsync("embed", "text", "a", "--model", damaged.Folder)).IsError("model.onnx", "Fetch the file again");
    }

    private string Write(string content)
    {
        string file = Path.Combine(_folder.FullName, "texts.txt");
        File.WriteAllText(file, content, new UTF8Encoding(false));
        return file;
    }

    private static float[] Vector(JsonElement line) => [.. line.GetProperty("vector").EnumerateArray().Select(value => value.GetSingle())];

    private static float[] Numbers(string line) => Array.ConvertAll(line.Split(' '), value => float.Parse(value, CultureInfo.InvariantCulture));

    private static void AssertSameVectors(CliResult expected, CliResult actual) =>
        Assert.All(expected.Lines.Zip(actual.Lines), pair => AssertNear(Numbers(pair.First), Numbers(pair.Second)));

    // A vector is the same alone and in any list, within 1e-6.
    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    /// <summary>Lines made as they are read.</summary>
    private sealed class EndlessLines(Func<int, bool> onLine) : TextReader
    {
        private int _number;

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
            new(onLine(_number) ? $"line {_number++}" : null);
    }
}
