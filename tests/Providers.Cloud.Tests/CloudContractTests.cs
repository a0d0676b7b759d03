using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Delegating;

namespace Polymodal.Providers.Cloud.Tests;

/// <summary>What every service's text generator does. A service inherits it and says how its requests and answers look.</summary>
public abstract partial class CloudContractTests
{
    private readonly string _framework;
    private readonly Func<JsonElement, IEnumerable<string?>> _texts;
    private readonly Func<IReadOnlyList<float[]>, string> _answer;

    /// <summary>Describes a service.</summary>
    /// <param name="framework">Its name in <see cref="Services.All"/>.</param>
    /// <param name="texts">The texts of a request.</param>
    /// <param name="answer">The answer with these vectors, as JSON numbers.</param>
    protected CloudContractTests(string framework, Func<JsonElement, IEnumerable<string?>> texts, Func<IReadOnlyList<float[]>, string> answer) =>
        (_framework, _texts, _answer) = (framework, texts, answer);

    protected virtual int Dimensions => 8;

    private int Limit { get; set; }

    [Fact]
    public async Task No_input_is_a_call_without_request()
    {
        using var transport = Transport();
        using var services = Register(transport);
        var result = await Generator(services).GenerateAsync([]);
        Assert.Empty(result);
        Assert.Equal(0, result.Usage!.InputTokenCount);
        Assert.Empty(transport.Requests);
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task Lists_at_the_limit_are_one_request_and_above_it_two(int above)
    {
        using var transport = Transport();
        using var services = Register(transport);
        string[] texts = Texts(Limit + above);
        AssertInOrder(texts, await Generator(services).GenerateAsync(texts));
        Assert.Equal(1 + above, transport.Requests.Count);
    }

    [Fact]
    public async Task Vectors_have_order_unit_length_model_and_space()
    {
        using var transport = Transport();
        using var services = Register(transport, options => options.MaxInputsPerRequest = 3);
        var generator = Generator(services);
        string[] texts = Texts(11);
        var result = await generator.GenerateAsync(texts);
        AssertInOrder(texts, result);
        EmbeddingSpace space = generator.GetService<EmbeddingSpace>()!;
        Assert.True(space.IsNormalized);
        Assert.Equal(Dimensions, space.Dimensions);
        Assert.All(result, vector => Assert.Equal(space.SpaceId, EmbeddingSpace.SpaceIdOf(vector)));
        Assert.All(result, vector => Assert.Equal(generator.GetService<CloudModel>()!.Id, vector.ModelId));
        Assert.All(result, vector => Assert.Equal(1, TensorPrimitives.Norm(vector.Vector.Span), 1e-5f));
    }

    [Fact]
    public async Task Alone_and_in_a_list_and_on_many_threads_a_text_has_one_vector()
    {
        using var transport = Transport();
        using var services = Register(transport, options => (options.MaxInputsPerRequest, options.MaxConcurrentRequests) = (4, 3));
        var generator = Generator(services);
        string[] texts = Texts(20);
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => generator.GenerateAsync(texts))));
        Assert.All(results, result => AssertInOrder(texts, result));
        AssertInOrder(texts[7..8], await generator.GenerateAsync(texts[7..8]));
        Assert.InRange(transport.MostAtOnce, 1, 3);
    }

    [Theory, InlineData("fewer"), InlineData("more"), InlineData("shorter"), InlineData("longer"), InlineData("infinite")]
    public async Task An_answer_with_a_fault_is_refused(string fault)
    {
        using var transport = Transport(vectors => fault switch
        {
            "fewer" => vectors.Count > 1 ? [.. vectors.Skip(1)] : [],
            "more" => [.. vectors, vectors[0]],
            "shorter" => [.. vectors.SkipLast(1), vectors[^1][1..]],
            "longer" => [.. vectors.SkipLast(1), [.. vectors[^1], 1]],
            _ => [.. vectors.SkipLast(1), [float.PositiveInfinity, .. vectors[^1][1..]]],
        });
        using var services = Register(transport);
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => Generator(services).GenerateAsync(Texts(2)));
        Assert.Equal(CloudFailure.InvalidAnswer, error.Failure);
        Assert.Contains("input", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_and_null_texts_are_refused_before_anything_is_sent()
    {
        using var transport = Transport();
        using var services = Register(transport);
        Assert.Contains("input 1 of 2 is empty", (await Assert.ThrowsAsync<ArgumentException>(() => Generator(services).GenerateAsync(["a 1", ""]))).Message, StringComparison.Ordinal);
        Assert.Contains("input 0 of 1 is null", (await Assert.ThrowsAsync<ArgumentNullException>(() => Generator(services).GenerateAsync([null!]))).Message, StringComparison.Ordinal);
        Assert.Empty(transport.Requests);
    }

    [Fact]
    public async Task Any_text_arrives_as_it_is()
    {
        using var transport = Transport();
        using var services = Register(transport);
        string[] texts = ["  ", "\"\\\n\t\0 1", "日本語 2", "👩‍👩‍👧‍👦 é 3", "<script>&'+ 4"];
        await Generator(services).GenerateAsync(texts);
        Assert.Equal(texts.Select(text => text.TrimEnd()), transport.Requests.SelectMany(request => _texts(JsonDocument.Parse(request.Body).RootElement)).Select(text => text!.TrimEnd()));
        await Generator(services).GenerateAsync(["a\uD800b 5"]);
        Assert.Equal("a\uFFFDb 5", _texts(JsonDocument.Parse(transport.Requests[^1].Body).RootElement).Single());
    }

    [Fact]
    public async Task A_later_failure_keeps_what_was_paid_for()
    {
        int calls = 0;
        using var transport = Transport(answer: vectors => Interlocked.Increment(ref calls) == 3 ? RecordingTransport.Json("""{"message":"out of luck"}""", System.Net.HttpStatusCode.BadRequest) : Ok(vectors));
        using var services = Register(transport, options => (options.MaxInputsPerRequest, options.MaxConcurrentRequests, options.MaxRetries) = (1, 1, 0));
        string[] texts = Texts(5);
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => Generator(services).GenerateAsync(texts));
        Assert.Equal([0, 1], error.Completed.Keys.Order());
        Assert.All(error.Completed, pair => Assert.True(TensorPrimitives.Distance(Unit(texts[pair.Key]), pair.Value.Vector.Span) < 1e-5f));
        Assert.Contains("input 2 of 5", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, error.InputCount);
        Assert.Equal(3, transport.Requests.Count);
    }

    [Fact]
    public async Task Through_a_cache_the_next_call_asks_only_for_the_rest()
    {
        int calls = 0;
        using var transport = Transport(answer: vectors => Interlocked.Increment(ref calls) == 3 ? RecordingTransport.Json("""{"message":"out of luck"}""", System.Net.HttpStatusCode.BadRequest) : Ok(vectors));
        using var services = Register(transport, options => (options.MaxInputsPerRequest, options.MaxConcurrentRequests, options.MaxRetries) = (1, 1, 0));
        string[] texts = Texts(5);
        using var generator = Generator(services).WithCache(new MemoryEmbeddingCache());
        var error = await Assert.ThrowsAsync<CloudServiceException>(() => generator.GenerateAsync(texts));
        Assert.Equal([0, 1], error.Completed.Keys.Order());
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts);
        Assert.Equal(3 + 3, transport.Requests.Count);
        for (int i = 0; i < texts.Length; i++)
            Assert.True(TensorPrimitives.Distance(Unit(texts[i]), embeddings[i].Vector.Span) < 1e-5f);
    }

    [Fact]
    public async Task Cancelling_ends_a_call_that_hangs()
    {
        var begun = new TaskCompletionSource();
        using var transport = new RecordingTransport(async (_, cancellationToken) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        });
        using var services = Register(transport);
        using var cancellation = new CancellationTokenSource();
        Task call = Generator(services).GenerateAsync(Texts(3), cancellationToken: cancellation.Token);
        await begun.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Generator(services).GenerateAsync(Texts(3), cancellationToken: cancellation.Token));
    }

    [Fact]
    public async Task After_Dispose_calls_fail_and_those_under_way_end()
    {
        var begun = new TaskCompletionSource();
        using var transport = new RecordingTransport(async (_, cancellationToken) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        });
        var services = Register(transport);
        var generator = Generator(services);
        Task call = generator.GenerateAsync(Texts(3));
        await begun.Task;
        await services.DisposeAsync();
        generator.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GenerateAsync(Texts(1)));
    }

    private protected RecordingTransport Transport(Func<IReadOnlyList<float[]>, IReadOnlyList<float[]>>? change = null, Func<IReadOnlyList<float[]>, HttpResponseMessage>? answer = null) => new(request =>
    {
        IReadOnlyList<float[]> vectors = [.. _texts(JsonDocument.Parse(request.Body).RootElement).Select(text => Raw(text!))];
        return (answer ?? Ok)(change?.Invoke(vectors) ?? vectors);
    });

    private protected ServiceProvider Register(HttpMessageHandler transport, Action<CloudOptions>? configure = null)
    {
        Registration registration = Services.All[_framework];
        var services = new ServiceCollection();
        registration.Register(services, options =>
        {
            options.ApiKey = Services.Key;
            registration.Prepare?.Invoke(options);
            options.Transport = transport;
            options.Encoding = CloudEncoding.Float;
            CloudApi api = registration.Api(options.Model);
            CloudModel model = options.Model is { } name ? api.Models.FirstOrDefault(known => known.Id == name) ?? api.OtherModel with { Id = name } : api.Models.First(known => known.Takes(EmbeddingModality.Text));
            options.Model = null;
            options.ModelDetails = model with { Dimensions = Dimensions };
            Limit = model.MaxInputsPerRequest;
            configure?.Invoke(options);
        });
        return services.BuildServiceProvider();
    }

    private protected static IEmbeddingGenerator<string, Embedding<float>> Generator(IServiceProvider services) => services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

    private static string[] Texts(int count) => [.. Enumerable.Range(0, count).Select(i => $"text {i}")];

    private HttpResponseMessage Ok(IReadOnlyList<float[]> vectors) => RecordingTransport.Json(_answer(vectors));

    /// <summary>A vector that tells which text it is of, not of unit length.</summary>
    private float[] Raw(string text)
    {
        var random = new Random(Number().Matches(text) is { Count: > 0 } numbers ? int.Parse(numbers[^1].Value, System.Globalization.CultureInfo.InvariantCulture) : -1);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => random.Next(-99, 99) / 8f + 0.0625f)];
    }

    private float[] Unit(string text)
    {
        float[] vector = Raw(text);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    private void AssertInOrder(string[] texts, GeneratedEmbeddings<Embedding<float>> result)
    {
        Assert.Equal(texts.Length, result.Count);
        for (int i = 0; i < texts.Length; i++)
            Assert.True(TensorPrimitives.Distance(Unit(texts[i]), result[i].Vector.Span) < 1e-5f, $"vector {i} is not that of '{texts[i]}'");
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
