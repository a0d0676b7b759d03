using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Models;

/// <summary>A framework of text models that run here: a name, and the models it is known by. Every registration method of such models ends here.</summary>
/// <param name="Name">Name and service key.</param>
/// <param name="DisplayName">What a person calls it.</param>
/// <param name="Models">The well-known models, the default first; none for a framework of any folder.</param>
internal sealed record LocalTextFramework(string Name, string DisplayName, params IReadOnlyList<LocalModel> Models)
{
    /// <summary>Registers the framework.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The service key; it is also the framework's name in lists.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    public IServiceCollection Add(IServiceCollection services, string key, Action<LocalTextEmbeddingOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        var options = new LocalTextEmbeddingOptions();
        configure?.Invoke(options);
        options = options.Validated();
        string? folder = options.ModelPath is { } path ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) : null;
        LocalModel? model = options.Model ??= Models.FirstOrDefault(known => known.FolderName.Equals(folder, StringComparison.OrdinalIgnoreCase)) ?? (Models is [var first, ..] ? first : null);
        var framework = new EmbeddingFramework
        {
            Name = key,
            DisplayName = DisplayName,
            Modality = EmbeddingModality.Text,
            RunsAt = EmbeddingLocation.Local,
            DefaultModel = folder ?? model?.Id,
            Dimensions = options.Dimensions ?? (folder is null ? model?.Dimensions : null),
            MediaTypes = ["text/*"],
            Detection = () => LocalModelLocator.Detect(options.ModelPath, model, options.Weights),
        };
        return services.AddEmbeddingFramework(framework, provider => new LocalTextEmbeddingGenerator(
            LocalTextModel.Load(LocalModelLocator.Find(options.ModelPath, model), options), key, provider.GetService<ILoggerFactory>()));
    }
}
