using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Xunit.Abstractions;

namespace Polymodal.Multimodal.Tests.Search;

/// <summary>The passages, photos and recordings of the repository in one search, calibrated with queries that belong to none of them.</summary>
[Collection(ShippedModels.Name)]
public sealed class MixedSearchBarTests(ShippedModels models, ITestOutputHelper output)
{
    // Written before the search was; what each recording says is in models/speech/list.json.
    private static readonly (string Query, string Recording)[] SpokenQueries =
    [
        ("an animal jumps over a dog", "00"), ("the fox and the dog", "00"), ("a dog that is too lazy to move", "00"), ("a sentence with every letter of the alphabet", "00"),
        ("what do I have to buy on my way home", "01"), ("shopping list with milk and bread", "01"), ("reminder about groceries", "01"), ("did anybody ask for milk", "01"),
        ("will it rain tomorrow", "02"), ("weather forecast", "02"), ("is it going to be cloudy", "02"), ("do I need an umbrella tomorrow", "02"),
        ("open the garage", "03"), ("switch on the light in the kitchen", "03"), ("voice command for the lights at home", "03"), ("somebody wants the garage door opened", "03"),
    ];

    [Fact]
    public async Task Mixed_search_finds_what_the_right_medium_alone_finds_and_others_keep_silent()
    {
        Query[] queries = [.. PassageQueries(), .. PhotoQueries(), .. SpokenQueries.Select(query => new Query(query.Query, "recordings", id => id.EndsWith($"-{query.Recording}", StringComparison.Ordinal)))];
        Assert.Equal(136, queries.Length);
        Assert.Empty(BackgroundQueries.English.Intersect(queries.Select(query => query.Text), StringComparer.OrdinalIgnoreCase));
        SearchMedium[] media = [await PassagesAsync(), await PhotosAsync(), await RecordingsAsync()];
        var search = new MixedSearch(media);
        await search.CalibrateAsync();

        var alone = new Dictionary<string, int>();
        var mixed = new Dictionary<string, int>();
        var silent = new Dictionary<string, (int Silent, int Of)>();
        foreach (Query query in queries)
        {
            SearchMedium right = media.Single(medium => medium.Name == query.Medium);
            Embedding<float> vector = await models.Text.GenerateQueryAsync(query.Text);
            alone[query.Medium] = alone.GetValueOrDefault(query.Medium) + (query.IsAnswer((await right.SearchAsync(vector, null, 1, default))[0].Id) ? 1 : 0);
            IReadOnlyList<MixedMatch> found = await search.SearchAsync(query.Text, top: 1000);
            mixed[query.Medium] = mixed.GetValueOrDefault(query.Medium) + (found is [var first, ..] && first.Medium == query.Medium && query.IsAnswer(first.Id) ? 1 : 0);
            foreach (SearchMedium other in media.Where(medium => medium != right))
            {
                (int kept, int of) = silent.GetValueOrDefault(other.Name);
                silent[other.Name] = (kept + (found.Any(match => match.Medium == other.Name) ? 0 : 1), of + 1);
            }
        }

        double share = (double)mixed.Values.Sum() / alone.Values.Sum(), silence = (double)silent.Values.Sum(count => count.Silent) / silent.Values.Sum(count => count.Of);
        foreach (SearchMedium medium in media)
            output.WriteLine($"{medium.Name}: alone {alone[medium.Name]}, mixed {mixed[medium.Name]} of {queries.Count(query => query.Medium == medium.Name)}; silent for {silent[medium.Name].Silent} of {silent[medium.Name].Of} queries of other media");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"recall@1 mixed / alone: {share:0.000}; silent: {silence:0.000}"));
        Assert.True(share >= 0.95, $"recall@1 is {share} of the right medium alone");
        Assert.All(silent, medium => Assert.True(medium.Value.Silent >= 0.9 * medium.Value.Of, medium.ToString()));
    }

    private static IEnumerable<Query> PassageQueries()
    {
        ILookup<string, string> judged = File.ReadLines(Repository.Reference("evaluation/facts/qrels/test.tsv")).Skip(1).Select(line => line.Split('\t')).ToLookup(fields => fields[0], fields => fields[1]);
        return Lines("queries.jsonl").Select(query => new Query(Text(query, "text"), "passages", id => judged[Text(query, "_id")].Contains(id)));
    }

    private static IEnumerable<Query> PhotoQueries()
    {
        using JsonDocument record = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("models/tf_efficientnet_lite0.in1k/conse.json")));
        return [.. record.RootElement.GetProperty("results").Clone().EnumerateArray().Select(result => new Query(Text(result, "query"), "photos", id => id == Text(result, "wanted")))];
    }

    private async Task<SearchMedium> PassagesAsync()
    {
        JsonElement[] passages = [.. Lines("corpus.jsonl")];
        GeneratedEmbeddings<Embedding<float>> vectors = await models.Text.GenerateDocumentsAsync(passages.Select(passage => $"{Text(passage, "title")}\n{Text(passage, "text")}"));
        return new SearchMedium("passages", EmbeddingModality.Text, models.Text, [.. passages.Zip(vectors, (passage, vector) => new SearchItem(Text(passage, "_id"), vector))]);
    }

    private async Task<SearchMedium> PhotosAsync() => await OverAsync("photos", Multimodal.Bridges.Conse(models.Classifier, models.Text), ShippedModels.Files("models/media/photos", "*.jpg", "image/jpeg"));

    private async Task<SearchMedium> RecordingsAsync() => await OverAsync("recordings", Multimodal.Bridges.Transcribe(models.Speech, models.Text), ShippedModels.Files("models/speech", "*.wav", "audio/wav"));

    private async Task<SearchMedium> OverAsync(string name, Bridge bridge, (string Name, DataContent Content)[] files)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await bridge.Generator.GenerateAsync(files.Select(file => file.Content));
        return new SearchMedium(name, bridge.From, models.Text, [.. files.Zip(vectors, (file, vector) => new SearchItem(file.Name, vector))], bridge.Name);
    }

    private static IEnumerable<JsonElement> Lines(string file) => File.ReadLines(Repository.Reference($"evaluation/facts/{file}")).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<JsonElement>(line));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private sealed record Query(string Text, string Medium, Func<string, bool> IsAnswer);
}
