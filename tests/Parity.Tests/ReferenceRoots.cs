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
    private static readonly HashSet<string> Built = ["text", "tokenizers", "image", "audio", "media", "evaluation"];

    private static readonly Lazy<IReadOnlyDictionary<string, string>> Files = new(() => FindFiles(FindRoots()));

    /// <summary>Every case of an area, in every root.</summary>
    public static IEnumerable<ReferenceCase> Cases(string area) =>
        Files.Value.Where(file => file.Key.StartsWith(area + '/', StringComparison.Ordinal)).SelectMany(file => Cases(area, file.Key, file.Value));

    /// <summary>The JSON file of a reference.</summary>
    /// <param name="name">Its path below its root; of several roots that have it all but the first add their number.</param>
    public static string FileOf(string name) => Files.Value[name];

    private static Dictionary<string, string> FindFiles(string[] roots)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in roots.SelectMany(root => Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).SelectMany(Reference.FilesIn).Order(StringComparer.Ordinal)))
        {
            string name = Path.GetRelativePath(roots.First(root => file.StartsWith(root, StringComparison.Ordinal)), file).Replace('\\', '/');
            files.Add(Unused(name, files.ContainsKey), file);
        }

        return files;
    }

    private static string Unused(string name, Func<string, bool> isUsed)
    {
        string free = name;
        for (int number = 2; isUsed(free); number++)
            free = $"{name} #{number}";
        return free;
    }

    private static ReferenceCase[] Cases(string area, string name, string file)
    {
        try
        {
            var ids = new HashSet<string>(StringComparer.Ordinal);
            return [.. (Built.Contains(area) ? Opened(file, name) : Listed(area, file, name)).Select(c => c with { Id = Unused(c.Id, id => !ids.Add(id)) })];
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or JsonException or NotSupportedException or KeyNotFoundException)
        {
            // A reference that cannot be opened is a test that fails, not one that is missing.
            return [new ReferenceCase(name, "cannot be opened", null)];
        }
    }

    private static ReferenceCase[] Opened(string file, string name)
    {
        using ParityRun run = ParityRun.Open(file);
        return [.. run.Cases.Select(c => new ReferenceCase(name, c.Id, c.NotSupported is null ? null : $"not supported: {c.NotSupported}"))];
    }

    private static ReferenceCase[] Listed(string area, string file, string name)
    {
        using Stream stream = File.OpenRead(file);
        using Stream content = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using JsonDocument json = JsonDocument.Parse(content);
        string reason = $"not supported: the area {area} is not built yet";
        return json.RootElement.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array
            ? [.. cases.EnumerateArray().Select((entry, index) => new ReferenceCase(name, Id(entry) ?? $"case {index}", reason))]
            : [new ReferenceCase(name, "all", reason)];
    }

    private static string? Id(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private static string[] FindRoots()
    {
        string? named = Environment.GetEnvironmentVariable("POLYMODAL_REFERENCE");
        string[] roots = string.IsNullOrWhiteSpace(named) ? [Repository.Reference("")] : named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.Find(roots, root => !Directory.Exists(root)) is { } missing
            ? throw new DirectoryNotFoundException($"POLYMODAL_REFERENCE names {missing}, which is not a folder. Name folders of recorded references, separated by '{Path.PathSeparator}'.")
            : Array.ConvertAll(roots, Path.GetFullPath);
    }
}

/// <summary>One case of a recorded reference.</summary>
/// <param name="Name">The reference, as <see cref="ReferenceRoots.FileOf"/> knows it.</param>
/// <param name="Id">The case.</param>
/// <param name="NotSupported">Why it cannot be run; null when it can.</param>
internal sealed record ReferenceCase(string Name, string Id, string? NotSupported);
