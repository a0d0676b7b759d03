using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests;

public class FailingInputTests
{
    [Fact]
    public async Task A_failing_item_fails_alone()
    {
        await using var frameworks = new Frameworks();
        MultimodalInput[] inputs =
        [
            "good", Fake.Media("image/png", 1), Fake.Media("image/png", 13), Fake.Media("video/mp4"), new FileInfo("no/such/file.png"), Fake.Media("image/png", 2), new DataContent(new byte[] { 0xFF }, "text/plain"), "too",
            Fake.Media("image/png", 13), Fake.Media("audio/wav", 5), null!,
        ];
        MultimodalResults results = await frameworks.Generator.GenerateEachAsync(inputs);

        Assert.Equal(inputs.Length, results.Items.Count);
        Assert.All(results.Items, result => Assert.True(result.Embedding is null != result.Error is null));
        Type?[] errors = [null, null, typeof(InvalidDataException), typeof(ArgumentException), typeof(DirectoryNotFoundException), null, typeof(ArgumentException), null, typeof(InvalidDataException), null, typeof(ArgumentNullException)];
        Assert.Equal(errors, results.Items.Select(result => result.Error?.GetType()));
        Assert.Equal([[3, 4], [1, 4], [2, 4], [3, 3], [5, -1]], Frameworks.Numbers(results.Items.Select(result => result.Embedding).OfType<Embedding<float>>()));
        Assert.Equal(5, results.UsageByRoute["minilm"].InputTokenCount);
        Assert.Contains("input 3 is video/mp4", results.Items[3].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_asking_for_it_the_first_failure_is_the_calls()
    {
        await using var frameworks = new Frameworks();
        await Assert.ThrowsAsync<InvalidDataException>(() => frameworks.Generator.GenerateAsync(["good", Fake.Media("image/png", 13)]));
    }

    [Fact]
    public async Task Of_many_the_failing_ones_are_found_with_few_calls()
    {
        await using var frameworks = new Frameworks();
        MultimodalInput[] inputs = [.. Enumerable.Range(0, 256).Select(i => (MultimodalInput)Fake.Media("image/png", (byte)i))];
        MultimodalResults results = await frameworks.Generator.GenerateEachAsync(inputs);
        Assert.Equal([13], Enumerable.Range(0, 256).Where(i => results.Items[i].Error is not null));
        Assert.Equal(Enumerable.Range(0, 256).Where(i => i != 13).Select(i => (float)i), results.Items.Where(result => result.Error is null).Select(result => result.Embedding!.Vector.Span[0]));
        Assert.InRange(frameworks.Pictures.Calls.Count, 2, 17); // 1 + 2 · log2(256)
    }

    [Fact]
    public async Task An_error_that_is_not_about_inputs_is_not_asked_for_again_and_again()
    {
        int calls = 0;
        var down = new FakeGenerator<DataContent>(_ => throw new HttpRequestException("the service does not answer", null, calls++ >= 0 ? System.Net.HttpStatusCode.ServiceUnavailable : null));
        using var generator = new MultimodalEmbeddingGenerator([Route.Image("service", down), Route.Text("t", Fake.TextGenerator())]);
        MultimodalResults results = await generator.GenerateEachAsync([.. Enumerable.Range(0, 50).Select(_ => (MultimodalInput)Fake.Media("image/png")), "a"]);
        Assert.Equal(1, calls);
        Assert.All(results.Items.Take(50), result => Assert.IsType<HttpRequestException>(result.Error));
        Assert.NotNull(results.Items[50].Embedding);
    }
}
