using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polymodal.Providers.Local.Audio;

namespace Polymodal.Providers.Local.Models;

/// <summary>A framework of sound models that run here.</summary>
/// <param name="Name">Name and service key.</param>
/// <param name="DisplayName">What a person calls it.</param>
/// <param name="Models">The well-known models, the default first.</param>
internal sealed record LocalAudioFramework(string Name, string DisplayName, params IReadOnlyList<LocalModel> Models)
    : LocalFramework<DataContent, LocalAudioEmbeddingOptions>(Name, DisplayName, Models)
{
    protected override EmbeddingModality Modality => EmbeddingModality.Audio;

    protected override IReadOnlyList<string> MediaTypes => ["audio/*"];

    protected override IServiceCollection Register(
        IServiceCollection services, EmbeddingFramework framework, Func<IServiceProvider, IEmbeddingGenerator<DataContent, Embedding<float>>> create) =>
        services.AddEmbeddingFramework(framework, create);

    protected override string FindWeights(ModelFolder folder, LocalAudioEmbeddingOptions options) => AudioEncoder.FindWeights(folder, options.Weights);

    protected override IEmbeddingGenerator<DataContent, Embedding<float>> Load(string folder, LocalAudioEmbeddingOptions options, string providerName, ILoggerFactory? loggerFactory) =>
        new LocalAudioEmbeddingGenerator(LocalAudioModel.Load(folder, options), providerName, loggerFactory);
}
