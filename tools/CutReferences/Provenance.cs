using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CutReferences;

/// <summary>Writes the page that says where each file of a cut comes from.</summary>
internal static class Provenance
{
    /// <summary>The page's name, at the top of the cut.</summary>
    public const string FileName = "PROVENANCE.md";

    /// <summary>Describes every file below a folder, whoever put it there; an area with a page of its own speaks for itself.</summary>
    /// <param name="target">The folder of the cut.</param>
    /// <param name="source">The root it was cut from; its areas' <c>SOURCES.md</c> state the licences.</param>
    /// <returns>The page, with <c>\n</c> line ends.</returns>
    public static string Describe(string target, string source)
    {
        string[] files = [.. Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(target, file).Replace('\\', '/'))
            .Where(file => file != FileName && !File.Exists(Path.Combine(target, file.Split('/')[0], FileName)))
            .Order(StringComparer.Ordinal)];
        var page = new StringBuilder();
        page.Append("# Provenance\n");
        page.Append("A share of the recorded references, copied byte for byte; FORMAT.md says how to read them. Written by tools/CutReferences; cut again instead of editing.\n");
        AppendMadeWith(page, target, files);
        AppendLicences(page, source, files);
        AppendFiles(page, target, files);
        return page.ToString();
    }

    private static void AppendMadeWith(StringBuilder page, string target, string[] files)
    {
        page.Append("\n## Made with\n| reference | libraries |\n| --- | --- |\n");
        foreach (string file in files.Where(file => Path.GetFileName(file) == "reference.json"))
        {
            using JsonDocument reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(target, file)));
            string libraries = reference.RootElement.ValueKind == JsonValueKind.Object && reference.RootElement.TryGetProperty("made_with", out JsonElement madeWith)
                ? Libraries(madeWith)
                : "not stated";
            page.Append(CultureInfo.InvariantCulture, $"| {Path.GetDirectoryName(file)?.Replace('\\', '/')} | {libraries} |\n");
        }
    }

    private static string Libraries(JsonElement madeWith) => madeWith.ValueKind == JsonValueKind.Object
        ? string.Join(", ", madeWith.EnumerateObject().Select(library => $"{library.Name} {library.Value}"))
        : madeWith.ToString();

    private static void AppendLicences(StringBuilder page, string source, string[] files)
    {
        page.Append("\n## Licences\nAs each area states them, for the whole area: rows about files that are not in this share included.\n");
        foreach (string area in files.Where(file => file.Contains('/', StringComparison.Ordinal)).Select(file => file[..file.IndexOf('/', StringComparison.Ordinal)]).Distinct())
        {
            string sources = Path.Combine(source, area, "SOURCES.md");
            string[] within = [.. files.Where(file => file.StartsWith($"{area}/", StringComparison.Ordinal) && file.EndsWith("/SOURCES.md", StringComparison.Ordinal))];
            string stated = File.Exists(sources) ? Stated(File.ReadAllLines(sources))
                : within.Length > 0 ? $"As stated in {string.Join(", ", within)}."
                : "Made for this project, with random weights and texts of its own. Licence: as the project.";
            page.Append(CultureInfo.InvariantCulture, $"\n### {area}\n{stated}\n");
        }
    }

    // What was left out of an area has no file here to be licensed.
    private static string Stated(string[] lines) => string.Join('\n', lines
        .SkipWhile(line => line.StartsWith("# ", StringComparison.Ordinal))
        .Where(line => !line.StartsWith("Left out", StringComparison.Ordinal))).Trim();

    private static void AppendFiles(StringBuilder page, string target, string[] files)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## Files\n{files.Length} files, {files.Sum(file => new FileInfo(Path.Combine(target, file)).Length):N0} bytes.\n\n");
        page.Append("| file | bytes | sha256 |\n| --- | ---: | --- |\n");
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(target, file));
            page.Append(CultureInfo.InvariantCulture, $"| {file} | {bytes.Length} | {Convert.ToHexStringLower(SHA256.HashData(bytes))} |\n");
        }
    }
}
