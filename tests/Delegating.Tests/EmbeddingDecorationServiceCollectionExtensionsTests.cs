using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Delegating.Tests;

public class EmbeddingDecorationServiceCollectionExtensionsTests
{
    [Fact]
    public async Task Decorated_frameworks_are_resolved_by_key_without_key_and_through_text_files()
    {
        FakeGenerator<string> first = new(text => [1, text.Length], Fake.Space("one")), second = new(text => [2, text.Length], Fake.Space("two"));
        using (ServiceProvider provider = Fake.Container(services => services
            .AddEmbeddingFramework(Fake.Framework("one", EmbeddingModality.Text, "text/*"), _ => first)
            .AddEmbeddingFramework(Fake.Framework("two", EmbeddingModality.Text, "text/*"), _ => second)
            .AddSingleton<IEmbeddingCache>(new MemoryEmbeddingCache())
            .DecorateTextEmbeddings((generator, provider) => generator.WithCache(provider.GetRequiredService<IEmbeddingCache>()))
            .DecorateTextEmbeddings((generator, _) => generator.WithDimensions(1), "two")))
        {
            var one = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("one");
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(2, (await one.GenerateVectorAsync("text")).Length);
                Assert.Equal(1, (await provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateVectorAsync("text")).Length);
                Assert.Equal(1, (await provider.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>().GenerateVectorAsync(Fake.TextFile("text"))).Length);
            }

            Assert.IsType<TruncatingEmbeddingGenerator<string>>(provider.GetRequiredService<IEmbeddingGenerator>());
            Assert.Equal((1, 1), (first.Calls.Count, second.Calls.Count));
        }

        Assert.True(first.Disposals > 0 && second.Disposals > 0);
    }

    [Fact]
    public async Task Pictures_are_decorated_too_and_what_is_not_registered_is_named()
    {
        FakeGenerator<DataContent> pictures = Fake.MediaGenerator(3);
        var services = new ServiceCollection();
        services.AddEmbeddingFramework(Fake.Framework("pictures", EmbeddingModality.Image, "image/*"), _ => pictures)
            .DecorateMediaEmbeddings((generator, _) => generator.WithNormalization());
        using ServiceProvider provider = services.BuildServiceProvider();
        ReadOnlyMemory<float> vector = await provider.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>().GenerateVectorAsync(Fake.Media("image/png", 4));
        Assert.Equal([0.6f, 0.8f], vector.ToArray());

        Assert.Contains("No text framework is registered (registered: pictures)", Assert.Throws<ArgumentException>(() => services.DecorateTextEmbeddings((generator, _) => generator)).Message, StringComparison.Ordinal);
        Assert.Contains("'other'", Assert.Throws<ArgumentException>(() => services.DecorateMediaEmbeddings((generator, _) => generator, "other")).Message, StringComparison.Ordinal);
    }
}
