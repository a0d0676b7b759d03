using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Providers.Local.Models;

/// <summary>A framework of picture models that run here.</summary>
/// <param name="Name">Name and service key.</param>
/// <param name="DisplayName">What a person calls it.</param>
/// <param name="Models">The well-known models, the default first; none for a framework of any folder.</param>
internal sealed record LocalImageFramework(string Name, string DisplayName, params IReadOnlyList<LocalModel> Models)
    : LocalFramework<DataContent, LocalImageEmbeddingOptions>(Name, DisplayName, Models)
{
    protected override EmbeddingModality Modality => EmbeddingModality.Image;

    protected override IReadOnlyList<string> MediaTypes => ["image/*"];

    protected override IServiceCollection Register(
        IServiceCollection services, EmbeddingFramework framework, Func<IServiceProvider, IEmbeddingGenerator<DataContent, Embedding<float>>> create) =>
        services.AddEmbeddingFramework(framework, create);

    protected override string FindWeights(ModelFolder folder, LocalImageEmbeddingOptions options) =>
        options.Weights.FindIn(folder, ImageModelFolder.PathIn(folder), ImageModelFolder.Stems);

    protected override IEmbeddingGenerator<DataContent, Embedding<float>> Load(string folder, LocalImageEmbeddingOptions options, string providerName, ILoggerFactory? loggerFactory) =>
        new LocalImageEmbeddingGenerator(LocalImageModel.Load(folder, options), providerName, loggerFactory);
}
