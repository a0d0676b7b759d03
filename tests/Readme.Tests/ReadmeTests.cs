using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Cloud;
using Polymodal.Providers.Local;

namespace Polymodal.Readme.Tests;

/// <summary>What README.md says is so.</summary>
public partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Repository.PathOf("README.md"));

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md").Concat(new[] { "docs", "benchmarks", "samples" }
                .Select(Repository.PathOf).Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')).Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "node_modules" or "Corpus")),
    ];

    [Fact]
    public async Task The_first_example_is_the_one_that_runs_here() =>
        Assert.StartsWith("passage 0, score 0.", await RunAsync("FirstExample", CodeBlock().Match(Readme.ReplaceLineEndings("\n")), FirstExample.RunAsync), StringComparison.Ordinal);

    [Fact]
    public async Task The_multimodal_example_is_the_one_that_runs_here()
    {
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Repository.Root; // the paths of the example are those of a clone
        try
        {
            Match block = CodeBlock().Matches(Readme.ReplaceLineEndings("\n")).Single(block => block.Groups[1].Value.Contains("AddMultimodalEmbeddings", StringComparison.Ordinal));
            string[] lines = (await RunAsync("MultimodalExample", block, MultimodalExample.RunAsync)).ReplaceLineEndings("\n").Split('\n');
            Assert.Equal("384, 1280, 384", lines[0]);
            Assert.Matches("^0[.][0-9]{2}$", lines[1]);
            Assert.Matches("^Vectors of '.*MiniLM.*' and of '.*efficientnet.*' cannot be compared", lines[2]);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Fact]
    public void Every_registration_method_has_its_row_and_every_row_its_method()
    {
        string[] rows = [.. FrameworkRow().Matches(Readme.ReplaceLineEndings("\n")).Select(row => row.Value)];
        string[] methods = [.. RegistrationMethods().Select(Row)];
        Assert.NotEmpty(methods);
        Assert.Equal(methods.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Pages))]
    public void Links_and_projects_named_on_a_page_exist(string page)
    {
        string text = File.ReadAllText(Repository.PathOf(page)), folder = Path.GetDirectoryName(Repository.PathOf(page))!;
        foreach (Match link in Link().Matches(text))
        {
            string target = link.Groups[1].Value.Split('#')[0];
            if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                Assert.True(Path.Exists(Path.Combine(folder, target)), $"{page} links to {target}, which is not there.");
        }

        foreach (Match project in Project().Matches(text))
            Assert.True(Directory.Exists(Repository.PathOf(project.Groups[1].Value)), $"{page} names the project {project.Groups[1].Value}, which is not there.");
    }

    // Compares a block of the page with the lines between the marks of a file, runs them, and gives what they print.
    private static async Task<string> RunAsync(string name, Match block, Func<Task> run)
    {
        string[] file = File.ReadAllLines(Repository.PathOf($"tests/Readme.Tests/{name}.cs"));
        int begin = Array.FindIndex(file, line => line.Contains("README begins", StringComparison.Ordinal)), end = Array.FindIndex(file, line => line.Contains("README ends", StringComparison.Ordinal));
        string body = string.Join('\n', file[(begin + 1)..end].Select(line => line.Length == 0 ? line : line[8..])).TrimEnd();
        string usings = string.Join('\n', file.TakeWhile(line => line.StartsWith("using ", StringComparison.Ordinal)));
        Assert.Equal($"{usings}\n\n{body}\n", block.Groups[1].Value);

        TextWriter before = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            await run();
        }
        finally
        {
            Console.SetOut(before);
        }

        return output.ToString();
    }

    private static IEnumerable<MethodInfo> RegistrationMethods() =>
        new[] { typeof(LocalTextEmbeddingGenerator), typeof(CloudOptions) }.SelectMany(type => type.Assembly.GetExportedTypes())
            .Where(type => type.Namespace == "Microsoft.Extensions.DependencyInjection")
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(method => method.Name.StartsWith("Add", StringComparison.Ordinal) && method.Name.EndsWith("Embeddings", StringComparison.Ordinal) && method.GetParameters() is [{ ParameterType: var services }, { HasDefaultValue: true }] && services == typeof(IServiceCollection));

    private static string Row(MethodInfo method)
    {
        var services = new ServiceCollection();
        method.Invoke(null, [services, null]);
        // A method may register both towers of a model.
        EmbeddingFramework[] frameworks = [.. services.BuildServiceProvider().GetServices<EmbeddingFramework>().OrderBy(framework => framework.Modality.ToString(), StringComparer.Ordinal)];
        string modalities = string.Join(", ", frameworks.Select(framework => framework.Modality.ToString().ToLowerInvariant()));
        return $"| {frameworks[0].DisplayName} | {modalities} | `{method.Name}()` | {frameworks[0].DefaultModel} | {frameworks[0].Dimensions} |";
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^\| .* \| `Add\w+\(\)` \|.*$", RegexOptions.Multiline)]
    private static partial Regex FrameworkRow();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"--project (\S+?)[`\s]")]
    private static partial Regex Project();
}
