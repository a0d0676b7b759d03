using System.Globalization;
using Polymodal.Providers.Local.StaticVectors;

namespace Polymodal.Evaluation;

/// <summary>Measures a table of word vectors: analogy questions, and how its cosines agree with what people say of pairs of words.</summary>
/// <remarks>Reference: gensim 4.4.0, <c>KeyedVectors.evaluate_word_analogies</c> and <c>evaluate_word_pairs</c>.</remarks>
public static class WordVectorEvaluation
{
    /// <summary>Asks the questions of a file in the format of Google's questions-words.txt: lines of four words, sections by lines that begin with a colon.</summary>
    /// <param name="table">The table.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Which words count; null for the defaults.</param>
    /// <returns>Each section in the order of the file, then the total.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="table"/> is null.</exception>
    /// <exception cref="InvalidDataException">A line is no question of four words.</exception>
    public static IReadOnlyList<AnalogySection> Analogies(WordVectors table, string path, WordVectorEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        options ??= new();
        Dictionary<string, string> known = Known(table, options);
        var sections = new List<AnalogySection>();
        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (line.StartsWith(':'))
                sections.Add(new AnalogySection(line[1..].Trim(), [], []));
            else if (words is not [var a, var b, var c, var expected] || sections is [])
                throw new InvalidDataException($"{Path.GetFileName(path)}: a line has {words.Length} words, or stands before the first section. Give ': section' lines and questions of four words.");
            else if (IsRight(table, known, options, a, b, c, expected) is { } isRight)
                (isRight ? sections[^1].Right : sections[^1].Wrong).Add([a, b, c, expected]);
        }

        return [.. sections, new AnalogySection("Total accuracy", [.. sections.SelectMany(section => section.Right)], [.. sections.SelectMany(section => section.Wrong)])];
    }

    /// <summary>Compares cosines with a file of word pairs and scores by people, such as WordSim-353: tabs between the three fields, <c>#</c> before remarks.</summary>
    /// <param name="table">The table.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Which words count; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="table"/> is null.</exception>
    /// <exception cref="InvalidDataException">A line is no pair with a number.</exception>
    public static WordPairAgreement Pairs(WordVectors table, string path, WordVectorEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        options ??= new();
        Dictionary<string, string> known = Known(table, options);
        List<double> people = [], cosines = [];
        int unknown = 0;
        foreach (string line in File.ReadLines(path).Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            if (line.Split('\t') is not [var first, var second, var score, ..] || !double.TryParse(score, CultureInfo.InvariantCulture, out double value))
                throw new InvalidDataException($"{Path.GetFileName(path)}: a line is not 'word, tab, word, tab, number'. Give word pairs with scores.");
            bool isKnown = known.TryGetValue(options.Key(first), out string? one) & known.TryGetValue(options.Key(second), out string? other);
            unknown += isKnown ? 0 : 1;
            if (!isKnown && !options.UnknownCountsAsWrong)
                continue;
            people.Add(value);
            cosines.Add(isKnown ? table.Similarity(one!, other!) : 0);
        }

        int asked = options.UnknownCountsAsWrong ? people.Count : people.Count + unknown;
        return new WordPairAgreement(Correlation.Pearson(people, cosines), Correlation.Spearman(people, cosines), 100.0 * unknown / asked);
    }

    // Null where the question is skipped.
    private static bool? IsRight(WordVectors table, Dictionary<string, string> known, WordVectorEvaluationOptions options, string a, string b, string c, string expected)
    {
        string[] keys = [options.Key(a), options.Key(b), options.Key(c), options.Key(expected)];
        if (!keys.All(known.ContainsKey))
            return options.UnknownCountsAsWrong ? false : null;
        foreach (WordMatch match in table.Nearest([known[keys[1]], known[keys[2]]], [known[keys[0]]], 5, options.Vocabulary))
        {
            string key = options.Key(match.Word);
            if (known.ContainsKey(key) && !keys.AsSpan(0, 3).Contains(key))
                return key == keys[3];
        }

        return false;
    }

    // Of several spellings the most frequent, which stands first, counts.
    private static Dictionary<string, string> Known(WordVectors table, WordVectorEvaluationOptions options)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in table.Words.Take(options.Vocabulary))
            known.TryAdd(options.Key(word), word);
        return known;
    }
}

/// <summary>Which words an evaluation of word vectors looks at.</summary>
public sealed record WordVectorEvaluationOptions
{
    /// <summary>Only so many words of the beginning count. Default 300,000.</summary>
    public int Vocabulary { get; init; } = 300_000;

    /// <summary>Whether upper and lower case are one. Default true.</summary>
    public bool IgnoreCase { get; init; } = true;

    /// <summary>Whether a question with an unknown word is wrong, and a pair with one has cosine 0. Default false: it is skipped.</summary>
    public bool UnknownCountsAsWrong { get; init; }

    internal string Key(string word) => IgnoreCase ? word.ToUpperInvariant() : word;
}

/// <summary>The questions of one section, by how they were answered.</summary>
/// <param name="Name">The section's name.</param>
/// <param name="Right">The questions answered right, four words each as the file has them.</param>
/// <param name="Wrong">The questions answered wrong.</param>
public sealed record AnalogySection(string Name, IList<IReadOnlyList<string>> Right, IList<IReadOnlyList<string>> Wrong)
{
    /// <summary>Share of right answers, 0 to 1; NaN without questions.</summary>
    public double Accuracy => (double)Right.Count / (Right.Count + Wrong.Count);
}

/// <summary>How cosines agree with people.</summary>
/// <param name="Pearson">Correlation of the values, −1 to 1.</param>
/// <param name="Spearman">Correlation of the ranks, −1 to 1.</param>
/// <param name="UnknownPercent">Share of pairs with an unknown word, 0 to 100.</param>
public sealed record WordPairAgreement(double Pearson, double Spearman, double UnknownPercent);
