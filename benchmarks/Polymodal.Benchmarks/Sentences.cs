using System.Text.Json;

namespace Polymodal.Benchmarks;

/// <summary>Real sentences to embed: those that the repository holds for its tests.</summary>
internal static class Sentences
{
    /// <summary>The repository's folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Distinct sentences, always the same ones in the same order.</summary>
    /// <param name="count">How many.</param>
    public static string[] Take(int count)
    {
        string[] sentences = [.. Lines("corpus.jsonl").SelectMany(passage => passage.Split(". ")).Concat(Lines("queries.jsonl")).Concat(Pairs()).Concat(ModelTexts()).Where(text => text.Length > 10).Distinct().Take(count)];
        return sentences.Length == count ? sentences : throw new InvalidDataException($"The repository holds {sentences.Length} sentences, not {count}.");
    }

    private static string Facts(string file) => Path.Combine(Repository, "tests", "Fixtures", "reference", "evaluation", "facts", file);

    private static IEnumerable<string> Lines(string file)
    {
        foreach (string line in File.ReadLines(Facts(file)))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            yield return json.RootElement.GetProperty("text").GetString()!;
        }
    }

    private static IEnumerable<string> Pairs() => File.ReadLines(Facts("sts.tsv")).SelectMany(line => line.Split('\t')[1..]);

    private static IEnumerable<string> ModelTexts()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository, "models", "texts", "texts.json")));
        foreach (string list in (string[])["queries", "passages"])
        {
            foreach (JsonElement text in json.RootElement.GetProperty(list).EnumerateArray())
                yield return text.GetString()!;
        }
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Polymodal.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Polymodal.slnx is in no folder above the benchmarks. Run them from a clone.");
    }
}
