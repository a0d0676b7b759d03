using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Polymodal;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.StaticVectors;
using Polymodal.Providers.Local.Text;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers text embeddings without a neural network at run time: a vector a token or word, and their mean. Very fast, less exact.</summary>
public static class StaticTextServiceCollectionExtensions
{
    private static readonly StaticFramework StaticEmbedding = new("static-embedding", "StaticEmbedding", LocalTextModel.Load, folder =>
        $"modules in {folder.FullPath}, file {(folder.Has("modules.json") ? "modules.json" : throw folder.Missing("modules.json"))}");

    private static readonly StaticFramework Model2Vec = new("model2vec", "model2vec", (path, options) => LocalTextModel.LoadModel2Vec(path, options), folder =>
        $"model in {folder.FullPath}, vectors {Model2VecLayout.Of(folder).Vectors}");

    /// <summary>
    /// Registers a StaticEmbedding folder of sentence-transformers as a singleton
    /// <see cref="IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the service key <c>static-embedding</c> and without a key.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the options; <see cref="LocalEmbeddingOptions.ModelPath"/> is needed.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
    public static IServiceCollection AddStaticTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions> configure) =>
        services.AddStaticTextEmbeddings(StaticEmbedding.Name, configure);

    /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The service key; it is also the framework's name in lists.</param>
    /// <param name="configure">Sets the options; <see cref="LocalEmbeddingOptions.ModelPath"/> is needed.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The key is blank or taken.</exception>
    public static IServiceCollection AddStaticTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions> configure) =>
        StaticEmbedding.Add(services, key, configure);

    /// <summary>
    /// Registers a folder of model2vec as a singleton <see cref="IEmbeddingGenerator{TInput,TEmbedding}"/> of <see cref="string"/>, with the
    /// service key <c>model2vec</c> and without a key. Unknown words are left out, as that library does.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the options; <see cref="LocalEmbeddingOptions.ModelPath"/> is needed.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second model.</exception>
    public static IServiceCollection AddModel2VecTextEmbeddings(this IServiceCollection services, Action<LocalTextEmbeddingOptions> configure) =>
        services.AddModel2VecTextEmbeddings(Model2Vec.Name, configure);

    /// <summary>Registers one of several models side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The service key; it is also the framework's name in lists.</param>
    /// <param name="configure">Sets the options; <see cref="LocalEmbeddingOptions.ModelPath"/> is needed.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The key is blank or taken.</exception>
    public static IServiceCollection AddModel2VecTextEmbeddings(this IServiceCollection services, string key, Action<LocalTextEmbeddingOptions> configure) =>
        Model2Vec.Add(services, key, configure);

    /// <summary>
    /// Registers a file of GloVe, word2vec or fastText as a singleton <see cref="IEmbeddingGenerator{TInput,TEmbedding}"/> of
    /// <see cref="string"/>, with the service key <c>word-vectors</c> and without a key. The file is read when the generator is first resolved.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the options; <see cref="WordVectorsTextOptions.Path"/> is needed.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The framework is registered already; use the overload with a key for a second file.</exception>
    public static IServiceCollection AddWordVectorsTextEmbeddings(this IServiceCollection services, Action<WordVectorsTextOptions> configure) =>
        services.AddWordVectorsTextEmbeddings("word-vectors", configure);

    /// <summary>Registers one of several files side by side, with a service key of its own. Without a key the one registered last is resolved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The service key; it is also the framework's name in lists.</param>
    /// <param name="configure">Sets the options; <see cref="WordVectorsTextOptions.Path"/> is needed.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The key is blank or taken.</exception>
    public static IServiceCollection AddWordVectorsTextEmbeddings(this IServiceCollection services, string key, Action<WordVectorsTextOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new WordVectorsTextOptions();
        configure(options);
        options = options.Validated();
        string model = options.Path is null ? key : Path.GetFileName(options.Path);
        return services.AddEmbeddingFramework(
            StaticFramework.Describe(key, "Word vectors", model, () => File.Exists(PathOf(options)) ? $"word vectors in {options.Path}" : throw NoFile(options)),
            _ => File.Exists(PathOf(options)) ? new WordVectorsTextEmbeddingGenerator(WordVectors.Load(options.Path!, options.File), model, options) : throw NoFile(options));
    }

    private static string PathOf(WordVectorsTextOptions options) => options.Path ?? throw new InvalidOperationException("Path is not set. Give a file of GloVe, word2vec or fastText vectors.");

    private static FileNotFoundException NoFile(WordVectorsTextOptions options) => new($"{options.Path} is not a file. Fetch it, or set Path to a file of GloVe, word2vec or fastText vectors.", options.Path);

    /// <summary>A framework that loads a model folder and has no model of its own.</summary>
    private sealed record StaticFramework(string Name, string DisplayName, Func<string, LocalTextEmbeddingOptions, LocalTextModel> Load, Func<ModelFolder, string> Find)
    {
        public IServiceCollection Add(IServiceCollection services, string key, Action<LocalTextEmbeddingOptions> configure)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentException.ThrowIfNullOrWhiteSpace(key);
            ArgumentNullException.ThrowIfNull(configure);
            var options = new LocalTextEmbeddingOptions();
            configure(options);
            options = LocalEmbeddingOptions.Validated(options);
            string model = options.ModelPath is null ? key : Path.GetFileName(Path.TrimEndingDirectorySeparator(options.ModelPath));
            return services.AddEmbeddingFramework(
                Describe(key, DisplayName, model, () => Find(new ModelFolder(PathOf(options)))),
                provider => new LocalTextEmbeddingGenerator(Load(PathOf(options), options), key, provider.GetService<ILoggerFactory>()));
        }

        public static EmbeddingFramework Describe(string key, string displayName, string model, Func<string> find) => new()
        {
            Name = key,
            DisplayName = displayName,
            Modality = EmbeddingModality.Text,
            RunsAt = EmbeddingLocation.Local,
            DefaultModel = model,
            MediaTypes = ["text/*"],
            Detection = () => FrameworkAvailability.Found(find()),
        };

        private static string PathOf(LocalTextEmbeddingOptions options) =>
            options.ModelPath ?? throw new InvalidOperationException("ModelPath is not set, and no such model ships. Give the folder of a model as a hub has it.");
    }
}
