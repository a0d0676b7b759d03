using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;

namespace Polymodal.Cli.Tests;

/// <summary>The built program in a process of its own.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Results_go_to_the_output_and_errors_to_the_error_stream()
    {
        CliResult good = await RunAsync(Start(["frameworks"]));
        Assert.Equal((CliApplication.Success, ""), (good.Code, good.Error));
        Assert.Contains("sentence-transformers", good.Output, StringComparison.Ordinal);
        (await RunAsync(Start(["embed", "text", "a", "--model", "/no/such/model"]))).IsError("/no/such/model");
        (await RunAsync(Start(["nonsense"]))).IsError("'nonsense'");
        Assert.Equal(CliApplication.Unreadable, (await RunAsync(Start(["parity", "/no/such/folder"]))).Code);
    }

    [Fact]
    public async Task Utf8_comes_in_and_goes_out_whatever_the_locale()
    {
        const string Text = "Größe 日本 👍🏽";
        ProcessStartInfo start = Start(["similarity", "--json", "--model", CliResult.SmallModel, Text, Text]);
        start.Environment["LANG"] = start.Environment["LC_ALL"] = "de_DE.ISO-8859-1";
        CliResult similarity = await RunAsync(start);
        Assert.Equal(Text, similarity.Objects.Single().GetProperty("text").GetString());
        Assert.StartsWith("{", similarity.Output, StringComparison.Ordinal); // no byte order mark

        ProcessStartInfo piped = Start(["embed", "text", "--model", CliResult.SmallModel, "--file", "-"]);
        piped.Environment["LANG"] = piped.Environment["LC_ALL"] = "de_DE.ISO-8859-1";
        CliResult embedded = await RunAsync(piped, $"{Text}\nsecond\n");
        CliResult expected = await CliResult.RunWithInputAsync($"{Text}\nsecond\n", "embed", "text", "--model", CliResult.SmallModel, "--file", "-");
        Assert.Equal(expected.Output, embedded.Output);
    }

    [Fact]
    public async Task Frameworks_says_what_to_do_when_the_model_is_not_beside_the_program()
    {
        // A copy without the folder of models, and without native libraries: listing loads neither.
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        CliResult result = await RunAsync(Start(["frameworks", "--json"], _folder.FullName));
        Assert.Equal((CliApplication.Success, ""), (result.Code, result.Error));
        Assert.All(result.Objects.Where(framework => framework.GetProperty("runs").GetString() == "Local"), framework => Assert.False(framework.GetProperty("available").GetBoolean()));
        JsonElement row = result.Objects.Single(framework => framework.GetProperty("name").GetString() == "sentence-transformers");
        Assert.Contains($"all-MiniLM-L6-v2 is not at {Path.Combine(_folder.FullName, "models")}", row.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("Polymodal.Models.MiniLM", row.GetProperty("reason").GetString(), StringComparison.Ordinal);
        (await RunAsync(Start(["embed", "text", "a"], _folder.FullName))).IsError("all-MiniLM-L6-v2 is not at", "Polymodal.Models.MiniLM");
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Output_into_one_file_from_two_programs_is_kept()
    {
        string file = Path.Combine(_folder.FullName, "out.txt");
        CliResult result = await RunAsync(Shell($"({Command} frameworks --json; {Command} frameworks --json) > '{file}'; {Command} frameworks --json >> '{file}'"));
        Assert.Equal("", result.Error);
        string[] lines = await File.ReadAllLinesAsync(file);
        string[] one = [.. lines.Distinct()];
        Assert.Equal([.. one, .. one, .. one], lines);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Closed_output_ends_the_work_quietly()
    {
        // The input never ends: only the closed pipe can stop the program.
        CliResult result = await RunAsync(Shell($"yes 2> /dev/null | {Command} embed text --model '{CliResult.SmallModel}' --file - 2> '{_folder.FullName}/error' | head -1; cat '{_folder.FullName}/error'"));
        Assert.Equal(24, Assert.Single(result.Lines).Split(' ').Length);
        Assert.Equal("", result.Error);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Interrupt_ends_the_work_quickly_with_whole_lines()
    {
        string file = Path.Combine(_folder.FullName, "many.txt");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 200_000).Select(number => $"line number {number} of a long file that nobody waits for"));
        CliResult result = await InterruptedAsync(Start(["embed", "text", "--file", file, "--json"]), input: null);
        Assert.Equal(CliApplication.Cancelled, result.Code);
        Assert.Equal("cancelled", result.Error.Trim().Split('\n')[^1]);
        Assert.InRange(result.Objects.Length, 1, 199_999); // every line is whole: it parses
        Assert.All(result.Objects, line => Assert.Equal(384, line.GetProperty("vector").GetArrayLength()));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Interrupt_ends_the_wait_for_standard_input()
    {
        // 256 lines are one call; its first result says that the program is up and waits for more.
        CliResult result = await InterruptedAsync(
            Start(["embed", "text", "--file", "-", "--json", "--model", CliResult.SmallModel]), string.Concat(Enumerable.Repeat("a line\n", 256)));
        // A slow machine may have written how far it is before.
        Assert.Equal((CliApplication.Cancelled, "cancelled"), (result.Code, result.Error.Trim().Split('\n')[^1]));
    }

    private static string Command => $"dotnet '{Path.Combine(AppContext.BaseDirectory, "polymodal.dll")}'";

    private static ProcessStartInfo Start(string[] args, string? folder = null) => ChildProgram.Of(Path.Combine(folder ?? AppContext.BaseDirectory, "polymodal.dll"), args);

    [UnsupportedOSPlatform("windows")]
    private static ProcessStartInfo Shell(string script) => new("sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };

    // Interrupts the program after its first line. Standard input stays open.
    [UnsupportedOSPlatform("windows")]
    private static async Task<CliResult> InterruptedAsync(ProcessStartInfo start, string? input)
    {
        start.RedirectStandardInput = true;
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync();
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync();
            string? first = await process.StandardOutput.ReadLineAsync().WaitAsync(Long);
            Task<string> rest = process.StandardOutput.ReadToEndAsync();
            using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
            await process.WaitForExitAsync().WaitAsync(Long);
            return new CliResult(process.ExitCode, $"{first}\n{await rest}", await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<CliResult> RunAsync(ProcessStartInfo start, string? input = null)
    {
        start.RedirectStandardInput = true;
        start.StandardInputEncoding = new UTF8Encoding(false);
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(Long);
            return new CliResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
