using System.Text.Json;
using Polymodal.Tests;

namespace Polymodal.Benchmarks;

/// <summary>Real sentences to embed: those that the repository holds for its tests.</summary>
internal static class Sentences
{
    /// <summary>Distinct sentences, always the same ones in the same order.</summary>
    /// <param name="count">How many.</param>
    public static string[] Take(int count)
    {
        string[] sentences = [.. Lines("corpus.jsonl").SelectMany(passage => passage.Split(". ")).Concat(Lines("queries.jsonl")).Concat(Pairs()).Concat(ModelTexts()).Where(text => text.Length > 10).Distinct().Take(count)];
        return sentences.Length == count ? sentences : throw new InvalidDataException($"The repository holds {sentences.Length} sentences, not {count}.");
    }

    private static string Facts(string file) => Repository.Reference($"evaluation/facts/{file}");

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
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("models/texts/texts.json")));
        foreach (string list in (string[])["queries", "passages"])
        {
            foreach (JsonElement text in json.RootElement.GetProperty(list).EnumerateArray())
                yield return text.GetString()!;
        }
    }
}
