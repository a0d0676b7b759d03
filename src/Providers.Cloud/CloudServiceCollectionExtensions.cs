using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Polymodal.Providers.Cloud;

/// <summary>The one way a service enters a container. Every <c>AddX…Embeddings</c> of a service ends here.</summary>
internal static class CloudServiceCollectionExtensions
{
    /// <summary>Registers a service for one kind of input.</summary>
    /// <param name="services">The container.</param>
    /// <param name="api">The service.</param>
    /// <param name="modality">The kind of input.</param>
    /// <param name="key">The service key; null for the service's name, with the kind behind it unless that is text.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    public static IServiceCollection AddCloudEmbeddings<TOptions>(this IServiceCollection services, CloudApi api, EmbeddingModality modality, string? key, Action<TOptions>? configure)
        where TOptions : CloudOptions, new() => services.AddCloudEmbeddings<TOptions>(_ => api, modality, key, configure);

    /// <summary>Registers a service whose interface depends on the model.</summary>
    /// <param name="services">The container.</param>
    /// <param name="choose">The interface for a model's name; null is the default model.</param>
    /// <param name="modality">The kind of input.</param>
    /// <param name="key">The service key; null for the usual one.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    public static IServiceCollection AddCloudEmbeddings<TOptions>(
        this IServiceCollection services, Func<string?, CloudApi> choose, EmbeddingModality modality, string? key, Action<TOptions>? configure)
        where TOptions : CloudOptions, new()
    {
        (CloudApi api, CloudModel model, CloudOptions options) = Configured(services, choose, modality, configure);
        EmbeddingFramework framework = Framework(api.Service, key ?? KeyOf(api.Service, modality), modality, model, options);
        return modality == EmbeddingModality.Text
            ? services.AddEmbeddingFramework(framework, provider => new CloudEmbeddingGenerator<string>(api, model, options, provider.GetService<ILoggerFactory>()))
            : services.AddEmbeddingFramework(framework, provider => new CloudEmbeddingGenerator<DataContent>(api, model, options, provider.GetService<ILoggerFactory>()));
    }

    /// <summary>The interface, the model and the checked options that a registration asks for.</summary>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static (CloudApi Api, CloudModel Model, TOptions Options) Configured<TOptions>(
        IServiceCollection services, Func<string?, CloudApi> choose, EmbeddingModality modality, Action<TOptions>? configure)
        where TOptions : CloudOptions, new()
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new TOptions();
        configure?.Invoke(options);
        options = (TOptions)options.Validated();
        string? name = CloudSettings.ModelOf(options);
        CloudApi api = choose(name);
        return (api, options.ModelDetails ?? (name is null
            ? api.Models.FirstOrDefault(model => model.Takes(modality)) ?? (api.Models.Count == 0 ? api.OtherModel : null) ?? throw new ArgumentException($"{api.Service.Name} has no default model for {modality}. Set Model.", nameof(configure))
            : api.Models.FirstOrDefault(model => model.Id == name) ?? api.OtherModel with { Id = name }), options);
    }

    /// <summary>The descriptor of a registration.</summary>
    public static EmbeddingFramework Framework(CloudService service, string key, EmbeddingModality modality, CloudModel model, CloudOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        string prefix = CloudModel.MediaTypePrefix(modality);
        IReadOnlyList<string> types = [.. model.MediaTypes.Where(type => type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))];
        return new EmbeddingFramework
        {
            Name = key,
            DisplayName = service.DisplayName,
            Modality = modality,
            RunsAt = EmbeddingLocation.Cloud,
            DefaultModel = model.Id.Length > 0 ? model.Id : null,
            Dimensions = options.Dimensions ?? model.Dimensions,
            MediaTypes = types.Count > 0 ? types : throw new ArgumentException($"{service.Name}'s {model.Id} takes {string.Join(", ", model.MediaTypes)}, no {prefix}*. Choose another model.", nameof(model)),
            Detection = () => CloudSettings.Detect(service, options, model.Id),
            Probing = async cancellationToken =>
            {
                using var client = new CloudClient(service, options.ForProbing(), model.Id, NullLogger.Instance);
                return await client.ProbeAsync(cancellationToken).ConfigureAwait(false);
            },
        };
    }

    /// <summary>The usual service key, e.g. <c>openai</c> or <c>gemini-image</c>.</summary>
    public static string KeyOf(CloudService service, EmbeddingModality modality) =>
        modality == EmbeddingModality.Text ? service.Name : $"{service.Name}-{modality.ToString().ToLowerInvariant()}";
}
