using System.IO.Compression;
using System.Text.Json;
using Polymodal.Evaluation.Parity;

namespace Polymodal.Parity.Tests;

/// <summary>
/// The folders of recorded references: those named in the environment variable POLYMODAL_REFERENCE (separated like PATH), else the
/// repository's own share. A root holds the areas text, tokenizers, image, audio, media, evaluation, or some of them.
/// </summary>
internal static class ReferenceRoots
{
    /// <summary>The areas that this library computes; the others are listed and reported as not supported.</summary>
    private static readonly HashSet<string> Built = ["text"];

    private static readonly Lazy<string[]> Roots = new(FindRoots);

    /// <summary>Every case of an area, in every root.</summary>
    public static IEnumerable<ReferenceCase> Cases(string area) =>
        Roots.Value.SelectMany(root => References(Path.Combine(root, area)).SelectMany(file => Cases(area, file, Path.GetRelativePath(root, file).Replace('\\', '/'))));

    private static IEnumerable<string> References(string folder) =>
        !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "reference*.json*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(".json.gz", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static ReferenceCase[] Cases(string area, string file, string name)
    {
        try
        {
            return Built.Contains(area) ? Opened(file, name) : Listed(area, file, name);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or JsonException or NotSupportedException or KeyNotFoundException)
        {
            // A reference that cannot be opened is a test that fails, not one that is missing.
            return [new ReferenceCase(file, name, "cannot be opened", null)];
        }
    }

    private static ReferenceCase[] Opened(string file, string name)
    {
        using ParityRun run = ParityRun.Open(file);
        return [.. run.Cases.Select(c => new ReferenceCase(file, name, c.Id, c.NotSupported is null ? null : $"not supported: {c.NotSupported}"))];
    }

    private static ReferenceCase[] Listed(string area, string file, string name)
    {
        using Stream stream = File.OpenRead(file);
        using Stream content = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using JsonDocument json = JsonDocument.Parse(content);
        string reason = $"not supported: the area {area} is not built yet";
        return json.RootElement.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array
            ? [.. cases.EnumerateArray().Select((entry, index) => new ReferenceCase(file, name, Id(entry) ?? $"case {index}", reason))]
            : [new ReferenceCase(file, name, "all", reason)];
    }

    private static string? Id(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private static string[] FindRoots()
    {
        string? named = Environment.GetEnvironmentVariable("POLYMODAL_REFERENCE");
        string[] roots = string.IsNullOrWhiteSpace(named) ? [OwnShare()] : named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.Find(roots, root => !Directory.Exists(root)) is { } missing
            ? throw new DirectoryNotFoundException($"POLYMODAL_REFERENCE names {missing}, which is not a folder. Name folders of recorded references, separated by '{Path.PathSeparator}'.")
            : roots;
    }

    private static string OwnShare()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Polymodal.slnx")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("Polymodal.slnx is in no folder above the tests. Run them from a clone, or set POLYMODAL_REFERENCE."), "tests", "Fixtures", "reference");
    }
}

/// <summary>One case of a recorded reference.</summary>
/// <param name="File">The reference's JSON file.</param>
/// <param name="Name">The same, as seen from the root.</param>
/// <param name="Id">The case.</param>
/// <param name="NotSupported">Why it cannot be run; null when it can.</param>
internal sealed record ReferenceCase(string File, string Name, string Id, string? NotSupported);
