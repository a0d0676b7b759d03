using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local;
using Xunit.Abstractions;

namespace Polymodal.VectorStore.Tests;

/// <summary>Hybrid search with the model that ships, on the 84 questions and 300 passages of evaluation/facts.</summary>
public sealed class HybridQualityTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_default_reaches_its_bar_and_is_never_below_the_better_ranking()
    {
        string facts = Repository.Reference("evaluation/facts");
        using LocalTextEmbeddingGenerator generator = await LocalTextEmbeddingGenerator.LoadAsync(Repository.MiniLM);
        using var store = new MemoryVectorStore();
        IVectorCollection collection = await store.GetOrCreateCollectionAsync("facts", VectorCollectionDefinition.For(generator.GetRequiredService<EmbeddingSpace>()));
        (string Id, string Text)[] passages = Read(Path.Combine(facts, "corpus.jsonl"), line => (line.GetProperty("_id").GetString()!, $"{line.GetProperty("title")}\n{line.GetProperty("text")}"));
        (string Id, string Text)[] questions = Read(Path.Combine(facts, "queries.jsonl"), line => (line.GetProperty("_id").GetString()!, line.GetProperty("text").GetString()!));
        GeneratedEmbeddings<Embedding<float>> passageVectors = await generator.GenerateDocumentsAsync(passages.Select(passage => passage.Text));
        await collection.UpsertAsync(passages.Zip(passageVectors, (passage, vector) => new VectorRecord { Id = passage.Id, Embedding = vector, Text = passage.Text }));
        ILookup<string, (RecordId Passage, int Grade)> grades = File.ReadLines(Path.Combine(facts, "qrels/test.tsv")).Skip(1).Select(line => line.Split('\t'))
            .ToLookup(row => row[0], row => ((RecordId)row[1], int.Parse(row[2], CultureInfo.InvariantCulture)));
        var judged = new List<JudgedQuery>();
        foreach ((string id, string text) in questions)
            judged.Add(new(await generator.GenerateQueryAsync(text), text, grades[id].ToDictionary(grade => grade.Passage, grade => grade.Grade)));

        FittedFusion fitted = await collection.FitFusionAsync(judged), ranks = await collection.FitFusionAsync(judged, HybridFusion.Ranks());

        (double dense, double words, double hybrid) = (fitted.Quality[1], fitted.Quality[0], fitted.Quality[HybridFusion.Default.DenseWeight]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nDCG@10 of {judged.Count} questions: vectors {dense:0.0000}, words {words:0.0000}, hybrid {hybrid:0.0000}; ranks with equal weights {ranks.Quality[0.5]:0.0000}"));
        output.WriteLine(string.Join("; ", fitted.Quality.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key:0.00} {pair.Value:0.0000}"))));
        Assert.Equal(84, judged.Count);
        Assert.True(hybrid >= 0.86, $"hybrid search has an nDCG@10 of {hybrid:0.0000}");
        Assert.True(hybrid >= Math.Max(dense, words));
        Assert.True(fitted.Quality[fitted.Fusion.DenseWeight] >= hybrid);
        Assert.True(hybrid > ranks.Quality[0.5], "the default should not be worse than plain rank fusion");
    }

    private static (string, string)[] Read(string file, Func<JsonElement, (string, string)> read) =>
        [.. File.ReadLines(file).Select(line => read(JsonDocument.Parse(line).RootElement))];
}
