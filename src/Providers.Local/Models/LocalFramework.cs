using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Polymodal.Providers.Local.Models;

/// <summary>A framework of models that run here: a name, and the models it is known by. What it takes is told by the kind derived from it.</summary>
/// <param name="Name">Name and service key.</param>
/// <param name="DisplayName">What a person calls it.</param>
/// <param name="Models">The well-known models, the default first; none for a framework of any folder.</param>
internal abstract record LocalFramework<TInput, TOptions>(string Name, string DisplayName, IReadOnlyList<LocalModel> Models)
    where TOptions : LocalEmbeddingOptions, new()
{
    /// <summary>The kind of input.</summary>
    protected abstract EmbeddingModality Modality { get; }

    /// <summary>The media types it takes.</summary>
    protected abstract IReadOnlyList<string> MediaTypes { get; }

    /// <summary>Registers the framework. Every registration method of such models ends here.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The service key; it is also the framework's name in lists.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    public IServiceCollection Add(IServiceCollection services, string key, Action<TOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        var options = new TOptions();
        configure?.Invoke(options);
        options = LocalEmbeddingOptions.Validated(options);
        string? folder = options.ModelPath is { } path ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) : null;
        LocalModel? model = options.Model ??= Models.FirstOrDefault(known => known.FolderName.Equals(folder, StringComparison.OrdinalIgnoreCase)) ?? (Models is [var first, ..] ? first : null);
        var framework = new EmbeddingFramework
        {
            Name = key,
            DisplayName = DisplayName,
            Modality = Modality,
            RunsAt = EmbeddingLocation.Local,
            DefaultModel = folder ?? model?.Id,
            Dimensions = options.Dimensions ?? (folder is null ? model?.Dimensions : null),
            MediaTypes = MediaTypes,
            Detection = () =>
            {
                var found = new ModelFolder(TowersManifest.Resolve(LocalModelLocator.Find(options.ModelPath, model), Modality));
                string license = ModelLicense.Of(found) is { } named ? $", licence {named}" : "";
                return FrameworkAvailability.Found($"model in {found.FullPath}, weights {FindWeights(found, options)}{license}");
            },
        };
        return Register(services, framework, provider => Load(LocalModelLocator.Find(options.ModelPath, model), options, key, provider.GetService<ILoggerFactory>()));
    }

    /// <summary>Hands descriptor and generator to the overload of <c>AddEmbeddingFramework</c> that is meant for the input.</summary>
    protected abstract IServiceCollection Register(IServiceCollection services, EmbeddingFramework framework, Func<IServiceProvider, IEmbeddingGenerator<TInput, Embedding<float>>> create);

    /// <summary>The file that would run, without loading it.</summary>
    protected abstract string FindWeights(ModelFolder folder, TOptions options);

    /// <summary>Loads the model and wraps it.</summary>
    protected abstract IEmbeddingGenerator<TInput, Embedding<float>> Load(string folder, TOptions options, string providerName, ILoggerFactory? loggerFactory);
}
