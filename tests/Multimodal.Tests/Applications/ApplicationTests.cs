using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests.Applications;

public sealed class ApplicationTests
{
    // Three in a bundle, two copies of one another, and one that is like none.
    private static readonly Embedding<float>[] Items = [Vectors.Of(1, 0.1f, 0, 0), Vectors.Of(1, 0, 0.1f, 0), Vectors.Of(1, 0, 0, 0.2f), Vectors.Of(0, 1, 0, 0), Vectors.Of(0, 2, 0, 0), Vectors.Of(0, -0.1f, -1, -1)];

    [Fact]
    public void Likes_draw_near_and_dislikes_push_away()
    {
        var recommender = new Recommender(Items);
        IReadOnlyList<ScoredIndex> liked = recommender.Recommend(new Dictionary<int, double> { [0] = 5, [3] = -5 }, k: 3);
        Assert.Equal([1, 2], liked.Take(2).Select(found => found.Index));
        Assert.DoesNotContain(liked, found => found.Index is 0 or 3);
        Assert.Throws<ArgumentException>(() => recommender.Recommend(new Dictionary<int, double>()));
        Assert.Throws<ArgumentException>(() => recommender.Recommend(new Dictionary<int, double> { [9] = 1 }));
    }

    [Fact]
    public void Variety_takes_an_item_of_another_kind_before_a_second_one_alike()
    {
        var recommender = new Recommender(Items);
        var ratings = new Dictionary<int, double> { [0] = 1, [3] = 0.8 };
        Assert.Equal(4, recommender.Recommend(ratings, k: 2, variety: 0.7).Select(found => found.Index).First(index => index is not (1 or 2)));
        Assert.Equal(3, recommender.Recommend(ratings, k: 3).Count);
    }

    [Fact]
    public void Duplicates_are_linked_into_groups()
    {
        DuplicateGroup group = Assert.Single(DuplicateFinder.Find(Items, 0.999));
        Assert.Equal([3, 4], group.Items);
        Assert.Equal([[3, 4], [0, 1, 2]], DuplicateFinder.Find(Items, 0.9).Select(found => found.Items.ToArray()));
        Assert.Equal(1, DuplicateFinder.Find(Items, 1, (first, second) => (first, second) == (0, 5)).Single(found => found.Items.Contains(5)).Score);
        Assert.Empty(DuplicateFinder.Find([], 0.5));
    }

    [Fact]
    public void The_one_that_is_like_none_stands_out()
    {
        IReadOnlyList<ScoredIndex> scores = OutlierFinder.Score(Items, neighbours: 1);
        Assert.Equal(5, scores[0].Index);
        Assert.True(scores[0].Score > 3.5);
        Assert.All(OutlierFinder.Score([Items[0], Items[0], Items[0]]), score => Assert.Equal(0, score.Score));
        Assert.Throws<ArgumentException>(() => OutlierFinder.Score([Items[0]]));
    }

    [Fact]
    public void Hard_negatives_are_near_and_wrong()
    {
        IReadOnlyList<ScoredIndex> mined = HardNegatives.Mine([Items[0]], Items, _ => [0, 1], new() { Count = 2 })[0];
        Assert.Equal([2, 3], mined.Select(found => found.Index));
        Assert.Equal([3], HardNegatives.Mine([Items[0]], Items, _ => [0, 1], new() { Count = 1, Margin = 0.5 })[0].Select(found => found.Index));
        Assert.Equal([3], HardNegatives.Mine([Items[0]], Items, _ => [0, 1], new() { Count = 1, Skip = 1 })[0].Select(found => found.Index));
        Assert.Throws<ArgumentException>(() => HardNegatives.Mine([Items[0]], Items, _ => []));
    }

    [Fact]
    public async Task A_matrix_and_its_names_are_read_back()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.npy");
        string names = await EmbeddingMatrix.SaveAsync(file, [.. Items.Select((item, i) => ($"item {i}", item))]);
        try
        {
            Assert.Equal(Items.Select(item => item.Vector.ToArray()), NpyFile.Read(file).Select(row => row.ToArray()));
            Assert.Equal(Enumerable.Range(0, Items.Length).Select(i => $"item {i}"), await File.ReadAllLinesAsync(names));
            await Assert.ThrowsAsync<ArgumentException>(() => EmbeddingMatrix.SaveAsync(file, [("two\nlines", Items[0])]));
        }
        finally
        {
            File.Delete(file);
            File.Delete(names);
        }
    }

    [Fact]
    public void Equal_scores_keep_the_order_of_the_candidates()
    {
        CrossModalRetrieval found = CrossModalRetrieval.Evaluate([Vectors.Of(0, 1)], [Vectors.Of(0, 1), Vectors.Of(0, 3), Vectors.Of(1, 0)], _ => [1]);
        Assert.Equal([1], found.Ranks);
        Assert.Equal((0.0, 1.0, 2.0), (found.RecallAt(1), found.RecallAt(2), found.MedianRank));
    }
}
