using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.StaticVectors;

namespace Polymodal.Evaluation.Parity;

/// <summary>Word vectors as gensim reads and asks them: <c>vocab.txt</c> and <c>vectors.safetensors</c> beside the record, small files in each format, questions and pairs.</summary>
/// <param name="reference">The record.</param>
internal sealed partial class WordVectorsReference(Reference reference)
{
    private readonly Lazy<WordVectors> _table = new(() => ReadTable(reference));
    private readonly ComparisonRule _rule = new(reference.Json.GetProperty("tolerance").GetDouble(), null, null, Informative: false);

    public static bool Reads(Reference reference) =>
        reference.Json.TryGetProperty("analogy_examples", out _) && File.Exists(Path.Combine(reference.Folder, "vocab.txt")) && File.Exists(Path.Combine(reference.Folder, "vectors.safetensors"));

    public IReadOnlyList<ParityCase> Cases()
    {
        (string Id, Func<JsonElement, IEnumerable<ParityRow>> Compare)[] known =
        [
            ("word_pairs", WordPairs), ("analogies", Analogies), ("analogy_examples", AnalogyExamples), ("analogy_methods", AnalogyMethods),
            ("most_similar", MostSimilar), ("doesnt_match", OddOnes), ("n_similarity", ListSimilarity), ("baseline_on_facts", Baseline),
        ];
        List<ParityCase> cases =
        [
            .. known.Where(part => reference.Json.TryGetProperty(part.Id, out _)).Select(part => new ParityCase(part.Id, null, () => [.. part.Compare(reference.Json.GetProperty(part.Id))])),
            .. Directory.EnumerateFiles(reference.Folder, "sample.*").Order(StringComparer.Ordinal).Select(file => new ParityCase(Path.GetFileName(file), null, () => [Sample(file)])),
            ParityCase.Unsupported("p-values and retrieval measures", "word_pairs.*_p and baseline_on_facts.retrieval need measures that are not built yet"),
        ];
        return cases;
    }

    private IEnumerable<ParityRow> WordPairs(JsonElement recorded)
    {
        foreach (JsonProperty way in recorded.EnumerateObject().Where(way => way.Name != "cosines"))
        {
            WordPairAgreement ours = WordVectorEvaluation.Pairs(_table.Value, PathOf("wordsim353.tsv"), Options(way.Name));
            yield return Numbers("word_pairs", way.Name, [ours.Pearson, ours.Spearman, ours.UnknownPercent],
                [way.Value.GetProperty("pearson").GetDouble(), way.Value.GetProperty("spearman").GetDouble(), way.Value.GetProperty("oov_percent").GetDouble()]);
        }

        JsonElement[] known = [.. recorded.GetProperty("cosines").EnumerateArray().Where(pair => pair[3].ValueKind == JsonValueKind.Number)];
        yield return Numbers("word_pairs", "cosines",
            [.. known.Select(pair => (double)_table.Value.Similarity(Lower(pair[0]), Lower(pair[1])))], [.. known.Select(pair => pair[3].GetDouble())]);
    }

    private IEnumerable<ParityRow> Analogies(JsonElement recorded)
    {
        string file = PathOf(recorded.GetProperty("file").GetString()!);
        foreach (JsonProperty way in recorded.EnumerateObject().Where(way => way.Value.ValueKind == JsonValueKind.Object))
        {
            IReadOnlyList<AnalogySection> sections = WordVectorEvaluation.Analogies(_table.Value, file, way.Name == "dummy4unknown" ? Options(way.Name) with { Vocabulary = 5_000 } : Options(way.Name));
            JsonElement[] theirs = [.. way.Value.GetProperty("sections").EnumerateArray()];
            yield return Comparison.Integers("analogies", way.Name, [.. sections.SelectMany(section => new long[] { section.Right.Count, section.Wrong.Count })],
                [.. theirs.SelectMany(section => new[] { section.GetProperty("correct").GetInt64(), section.GetProperty("incorrect").GetInt64() })]);
            yield return Words("analogies", $"{way.Name}: names", sections.Select(section => section.Name), theirs.Select(section => section.GetProperty("section").GetString()!));
            yield return Numbers("analogies", $"{way.Name}: score", [sections[^1].Accuracy], [way.Value.GetProperty("score").GetDouble()]);
            yield return Words("analogies", $"{way.Name}: first wrong ones",
                sections[^1].Wrong.Take(12).SelectMany(question => question).Select(word => way.Name == "case_sensitive" ? word : word.ToUpperInvariant()),
                way.Value.GetProperty("wrong_first_12").EnumerateArray().SelectMany(question => question.EnumerateArray()).Select(word => word.GetString()!));
        }
    }

    private IEnumerable<ParityRow> AnalogyExamples(JsonElement recorded) => recorded.EnumerateArray().SelectMany(example =>
    {
        (string a, string b, string c) = (example.GetProperty("a").GetString()!, example.GetProperty("b").GetString()!, example.GetProperty("c").GetString()!);
        return Matches("analogy_examples", $"{a} {b} {c}, 3CosAdd", n => _table.Value.Analogy(a, b, c, n), example.GetProperty("3CosAdd"))
            .Concat(Matches("analogy_examples", $"{a} {b} {c}, 3CosMul", n => _table.Value.Analogy(a, b, c, n, AnalogyMethod.Multiply), example.GetProperty("3CosMul")));
    });

    private IEnumerable<ParityRow> AnalogyMethods(JsonElement recorded)
    {
        string file = PathOf(reference.Json.GetProperty("analogies").GetProperty("file").GetString()!);
        string[][] questions = [.. File.ReadLines(file).Where(line => !line.StartsWith(':')).Select(line => line.ToLowerInvariant().Split(' ')).Where(words => words.All(word => _table.Value.Contains(word)))];
        JsonElement correct = recorded.GetProperty("correct");
        yield return Comparison.Integers("analogy_methods", "known, 3CosAdd, 3CosMul", [questions.Length, Correct(AnalogyMethod.Add), Correct(AnalogyMethod.Multiply)],
            [recorded.GetProperty("questions_known").GetInt64(), correct.GetProperty("3CosAdd").GetInt64(), correct.GetProperty("3CosMul").GetInt64()]);

        long Correct(AnalogyMethod method) => questions.Count(words => _table.Value.Analogy(words[0], words[1], words[2], 1, method)[0].Word == words[3]);
    }

    private IEnumerable<ParityRow> MostSimilar(JsonElement recorded) => recorded.EnumerateArray().SelectMany(asked =>
        Matches("most_similar", asked.GetProperty("word").GetString()!, n => _table.Value.Nearest(asked.GetProperty("word").GetString()!, n), asked.GetProperty("top")));

    private IEnumerable<ParityRow> OddOnes(JsonElement recorded) =>
    [
        Words("doesnt_match", "answers", recorded.EnumerateArray().Select(asked => _table.Value.OddOneOut(Texts(asked.GetProperty("words")))), recorded.EnumerateArray().Select(asked => asked.GetProperty("answer").GetString()!)),
    ];

    private IEnumerable<ParityRow> ListSimilarity(JsonElement recorded) =>
    [
        Numbers("n_similarity", "values", [.. recorded.EnumerateArray().Select(asked => (double)_table.Value.Similarity(Texts(asked.GetProperty("first")), Texts(asked.GetProperty("second"))))],
            [.. recorded.EnumerateArray().Select(asked => asked.GetProperty("value").GetDouble())]),
    ];

    private List<ParityRow> Baseline(JsonElement recorded)
    {
        var generator = new WordVectorsTextEmbeddingGenerator(_table.Value, reference.Json.GetProperty("name").GetString()!, new() { Splitter = new WordSplitter(lowercase: true, AsciiLetters()) });
        string facts = Path.Combine(reference.Folder, "..", "facts");
        JsonElement[] corpus = Lines("corpus.jsonl"), queries = Lines("queries.jsonl"), hard = Lines("hard.jsonl");
        string[] ids = [.. corpus.Select(Id)];
        Embedding<float>[] documents = Embed(corpus.Select(document => $"{Text(document, "title")} {Text(document, "text")}"));
        var rows = new List<ParityRow>();
        foreach (JsonElement top in recorded.GetProperty("top_3_of_first_5_queries").EnumerateArray())
        {
            Embedding<float> query = Embed([Text(queries.Single(query => Id(query) == Text(top, "query")), "text")])[0];
            ScoredIndex[] best = [.. Similarity.TopK(query, documents, 3)];
            rows.Add(Words("baseline_on_facts", $"{Text(top, "query")}: ids", best.Select(match => ids[match.Index]), Texts(top.GetProperty("ids"))));
            rows.Add(Numbers("baseline_on_facts", $"{Text(top, "query")}: scores", [.. best.Select(match => (double)match.Score)], [.. top.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())]));
        }

        string[][] pairs = [.. File.ReadLines(Path.Combine(facts, "sts.tsv")).Select(line => line.Split('\t')).Where(fields => fields.Length >= 3 && double.TryParse(fields[0], System.Globalization.CultureInfo.InvariantCulture, out _))];
        double[] cosines = [.. pairs.Select(pair => Cosine(pair[1], pair[2]))], people = [.. pairs.Select(pair => double.Parse(pair[0], System.Globalization.CultureInfo.InvariantCulture))];
        JsonElement sts = recorded.GetProperty("sts"), triplets = recorded.GetProperty("hard");
        rows.Add(Numbers("baseline_on_facts", "sts: cosines", cosines, [.. sts.GetProperty("cosines").EnumerateArray().Select(cosine => cosine.GetDouble())]));
        rows.Add(Numbers("baseline_on_facts", "sts: Spearman, Pearson", [Correlation.Spearman(people, cosines), Correlation.Pearson(people, cosines)], [sts.GetProperty("spearman").GetDouble(), sts.GetProperty("pearson").GetDouble()]));

        (double Same, double Other)[] ours = [.. hard.Select(triplet => (Cosine(Text(triplet, "anchor"), Text(triplet, "same")), Cosine(Text(triplet, "anchor"), Text(triplet, "other"))))];
        rows.Add(Numbers("baseline_on_facts", "hard: cosines", [.. ours.SelectMany(pair => new[] { pair.Same, pair.Other })],
            [.. triplets.GetProperty("cosines").EnumerateArray().SelectMany(pair => new[] { pair.GetProperty("same").GetDouble(), pair.GetProperty("other").GetDouble() })]));
        rows.Add(Numbers("baseline_on_facts", "hard: share", [ours.Average(pair => pair.Same > pair.Other ? 1.0 : 0)], [triplets.GetProperty("share_same_above_other").GetDouble()]));
        return rows;

        JsonElement[] Lines(string file) => [.. File.ReadLines(Path.Combine(facts, file)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
        Embedding<float>[] Embed(IEnumerable<string> texts) => [.. generator.GenerateAsync(texts).GetAwaiter().GetResult()];
        double Cosine(string first, string second) => Embed([first, second]) is [var one, var other] ? Similarity.Of(one, other) : 0;
    }

    // The small files hold the same words as the table, in another format.
    private ParityRow Sample(string file)
    {
        WordVectors sample = WordVectors.Load(file);
        float[] ours = [.. sample.Words.SelectMany(word => sample[word].ToArray())], theirs = [.. sample.Words.SelectMany(word => _table.Value[word].ToArray())];
        return Comparison.Floats(Path.GetFileName(file), "vectors", ours, theirs, ComparisonRule.Equal, sample.Dimensions);
    }

    private IEnumerable<ParityRow> Matches(string id, string name, Func<int, IReadOnlyList<WordMatch>> ask, JsonElement recorded)
    {
        IReadOnlyList<WordMatch> ours = ask(recorded.GetArrayLength());
        yield return Words(id, name, ours.Select(match => match.Word), recorded.EnumerateArray().Select(match => match[0].GetString()!));
        yield return Numbers(id, $"{name}: scores", [.. ours.Select(match => (double)match.Score)], [.. recorded.EnumerateArray().Select(match => match[1].GetDouble())]);
    }

    private ParityRow Numbers(string id, string name, double[] ours, double[] recorded) =>
        Comparison.Floats(id, name, Array.ConvertAll(ours, value => (float)value), Array.ConvertAll(recorded, value => (float)value), _rule);

    private static ParityRow Words(string id, string name, IEnumerable<string> ours, IEnumerable<string> recorded)
    {
        string[] mine = [.. ours], theirs = [.. recorded];
        return mine.AsSpan().SequenceEqual(theirs) ? new(id, name, 0, null, ParityVerdict.Pass)
            : new(id, name, null, null, ParityVerdict.Fail, $"{string.Join(' ', mine)}, recorded {string.Join(' ', theirs)}");
    }

    // How the record names what it changes of gensim's defaults.
    private static WordVectorEvaluationOptions Options(string way) => way switch
    {
        "default" => new(),
        "case_sensitive" => new() { IgnoreCase = false },
        "dummy4unknown" => new() { UnknownCountsAsWrong = true },
        _ when way.StartsWith("restrict_vocab_", StringComparison.Ordinal) => new() { Vocabulary = int.Parse(way.AsSpan("restrict_vocab_".Length), System.Globalization.CultureInfo.InvariantCulture) },
        _ => throw new NotSupportedException($"the way '{way}' is not built"),
    };

    private string PathOf(string file) => Path.Combine(reference.Folder, file);

    private static WordVectors ReadTable(Reference reference)
    {
        SafeTensors vectors = SafeTensors.Read(Path.Combine(reference.Folder, "vectors.safetensors"));
        return new WordVectors(File.ReadAllText(Path.Combine(reference.Folder, "vocab.txt")).TrimEnd('\n').Split('\n'), vectors.Floats(vectors.Names.Single()));
    }

    private static string Lower(JsonElement word) => word.GetString()!.ToLowerInvariant();

    private static string Id(JsonElement line) => Text(line, "_id");

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString()!)];

    [GeneratedRegex("[a-z]+")]
    private static partial Regex AsciiLetters();
}
