using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Models;

/// <summary>A framework of text models that run here.</summary>
/// <param name="Name">Name and service key.</param>
/// <param name="DisplayName">What a person calls it.</param>
/// <param name="Models">The well-known models, the default first; none for a framework of any folder.</param>
internal sealed record LocalTextFramework(string Name, string DisplayName, params IReadOnlyList<LocalModel> Models)
    : LocalFramework<string, LocalTextEmbeddingOptions>(Name, DisplayName, Models)
{
    protected override EmbeddingModality Modality => EmbeddingModality.Text;

    protected override IReadOnlyList<string> MediaTypes => ["text/*"];

    protected override IServiceCollection Register(
        IServiceCollection services, EmbeddingFramework framework, Func<IServiceProvider, IEmbeddingGenerator<string, Embedding<float>>> create) =>
        services.AddEmbeddingFramework(framework, create);

    protected override string FindWeights(ModelFolder folder, LocalTextEmbeddingOptions options)
    {
        // Of a model with several ways each transformer has a folder of its own.
        string? transformer = folder.Has("modules.json") ? Directory.EnumerateDirectories(folder.FullPath, "*_Transformer").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault() : null;
        return TwoTowerFolder.HasTextTower(folder, "") || TwoTowerFolder.IsJoint(folder, "") ? options.Weights.FindIn(folder, "", TwoTowerFolder.TextStem, "model") : options.Weights.FindIn(folder, transformer ?? "");
    }

    protected override IEmbeddingGenerator<string, Embedding<float>> Load(string folder, LocalTextEmbeddingOptions options, string providerName, ILoggerFactory? loggerFactory) =>
        new LocalTextEmbeddingGenerator(LocalTextModel.Load(folder, options), providerName, loggerFactory);
}
