using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Multimodal.Tests;

/// <summary>A container with a framework of texts, one of pictures and one of sounds that are not real, and the generator over them.</summary>
internal sealed class Frameworks : IAsyncDisposable
{
    private readonly ServiceProvider _container;

    public Frameworks(Action<MultimodalEmbeddingOptions>? configure = null, Action<IServiceCollection>? more = null)
    {
        _container = Fake.Container(services =>
        {
            services.AddEmbeddingFramework(Fake.Framework("minilm", EmbeddingModality.Text, "text/*", "application/json"), _ => Texts)
                .AddEmbeddingFramework(Fake.Framework("clip", EmbeddingModality.Image, "image/*"), _ => Pictures)
                .AddEmbeddingFramework(Fake.Framework("wav2vec2", EmbeddingModality.Audio, "audio/*"), _ => Sounds);
            more?.Invoke(services);
            services.AddMultimodalEmbeddings(configure);
        });
        Generator = _container.GetRequiredService<MultimodalEmbeddingGenerator>();
    }

    public FakeGenerator<string> Texts { get; } = new(text => [3, text.Length], Fake.Space("texts")) { InputTokensPerCall = 5 };

    public FakeGenerator<DataContent> Pictures { get; } = new(picture => picture.Data.Span[0] == 13 ? throw new InvalidDataException("a damaged picture") : [picture.Data.Span[0], 4], Fake.Space("pictures")) { InputTokensPerCall = 7 };

    public FakeGenerator<DataContent> Sounds { get; } = new(sound => [sound.Data.Span[0], -1], Fake.Space("sounds"));

    public MultimodalEmbeddingGenerator Generator { get; }

    public IServiceProvider Services => _container;

    public static float[][] Numbers(IEnumerable<Embedding<float>> embeddings) => [.. embeddings.Select(embedding => embedding.Vector.ToArray())];

    public ValueTask DisposeAsync() => _container.DisposeAsync();
}
