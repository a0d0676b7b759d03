using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests.FewShot;

public sealed class VectorClassifierTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.safetensors");

    private static readonly (Embedding<float> Vector, string Label)[] Examples =
    [
        (Vectors.In("s", 1, 0.1f, 0), "x, \"first\""), (Vectors.In("s", 0.9f, 0, 0.1f), "x, \"first\""), (Vectors.In("s", 0, 1, 0), "y"), (Vectors.In("s", 0.1f, 1, 0.1f), "y"), (Vectors.In("s", 0, 0.1f, 1), "Ü"),
    ];

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_saved_head_answers_as_before()
    {
        var logistic = LogisticRegressionClassifier.Fit(Examples);
        logistic.Save(_file);
        LogisticRegressionClassifier read = LogisticRegressionClassifier.Load(_file);
        Assert.Equal(logistic.Labels, read.Labels);
        Assert.Equal("s", read.SpaceId);
        Assert.All(Examples, example => Assert.Equal(logistic.Probabilities(example.Vector), read.Probabilities(example.Vector)));
        Assert.Throws<InvalidDataException>(() => NearestCentroidClassifier.Load(_file));

        NearestCentroidClassifier.Fit(Examples).Save(_file);
        NearestCentroidClassifier centroids = NearestCentroidClassifier.Load(_file);
        Assert.All(Examples, example => Assert.Equal(example.Label, centroids.Predict(example.Vector)));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => centroids.Predict(Vectors.In("other", 1, 0, 0)));
        Assert.Throws<ArgumentException>(() => centroids.Predict(Vectors.In("s", 1, 0)));
    }

    [Fact]
    public void A_cut_file_is_refused()
    {
        LogisticRegressionClassifier.Fit(Examples).Save(_file);
        File.WriteAllBytes(_file, File.ReadAllBytes(_file)[..^16]);
        Assert.Throws<InvalidDataException>(() => LogisticRegressionClassifier.Load(_file));
    }

    [Fact]
    public void Two_classes_have_one_line_and_probabilities_that_add_up()
    {
        var two = LogisticRegressionClassifier.Fit([.. Examples.Take(4)]);
        Assert.Single(two.Weights);
        Assert.Equal(1, two.Probabilities(Examples[0].Vector).Sum(), 12);
        Assert.All(Examples.Take(4), example => Assert.Equal(example.Label, two.Predict(example.Vector)));
    }

    [Fact]
    public void What_cannot_be_learned_from_is_refused()
    {
        Assert.Throws<ArgumentException>(() => LogisticRegressionClassifier.Fit([.. Examples.Take(2)]));
        Assert.Throws<ArgumentException>(() => NearestCentroidClassifier.Fit([]));
        Assert.Throws<EmbeddingSpaceMismatchException>(() => NearestCentroidClassifier.Fit([Examples[0], (Vectors.In("t", 1, 0, 0), "x")]));
        Assert.Throws<OperationCanceledException>(() => LogisticRegressionClassifier.Fit(Examples, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_copy_decides_alone_when_votes_count_by_distance()
    {
        var classifier = NearestNeighborClassifier.Fit(Examples, k: 5, scalesToUnit: false, weighsByDistance: true);
        Assert.Equal("Ü", classifier.Predict(Examples[4].Vector));
    }
}
