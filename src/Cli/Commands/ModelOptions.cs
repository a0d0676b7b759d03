using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Cli.Commands;

/// <summary>The options that choose a framework and its model, the same for every command that embeds.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _framework = new("--framework") { Description = "The framework's name, as `polymodal frameworks` lists it", DefaultValueFactory = _ => "sentence-transformers" };
    private readonly Option<string?> _model = new("--model") { Description = "A model folder, a file of word vectors, or the name of a service's model; default: the model that ships, or the service's own" };
    private readonly Option<string> _weights = new("--weights") { Description = $"{string.Join(", ", ModelWeights.Names)}, or the path of an .onnx file inside the folder", DefaultValueFactory = _ => "fp32" };

    public ModelOptions() => _weights.Validators.Add(Validate);

    public void AddTo(Command command)
    {
        command.Options.Add(_framework);
        command.Options.Add(_model);
        command.Options.Add(_weights);
    }

    /// <summary>A container with everything this program offers. Options of the command line reach all of it: only what is chosen is loaded.</summary>
    public ServiceProvider Services(ParseResult? arguments = null)
    {
        void Configure(LocalTextEmbeddingOptions options)
        {
            options.ModelPath = arguments?.GetValue(_model);
            options.Weights = ModelWeights.Parse(arguments?.GetValue(_weights) ?? "fp32");
        }

        IServiceCollection services = Add(new ServiceCollection(), Configure, arguments?.GetValue(_framework), arguments?.GetValue(_model));
        ImageModelOptions.Add(services, _ => { });
        AudioModelOptions.AddTo(services, configure: null);
        return services.BuildServiceProvider();
    }

    /// <summary>Adds every text framework and every service to a container.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">The options of models that run here.</param>
    /// <param name="chosen">The framework that was chosen.</param>
    /// <param name="model">The model that was chosen for it.</param>
    public static IServiceCollection Add(IServiceCollection services, Action<LocalTextEmbeddingOptions> configure, string? chosen, string? model) => services
        .AddSentenceTransformersTextEmbeddings(configure)
        .AddHuggingFaceTextEmbeddings(configure)
        .AddE5TextEmbeddings(configure)
        .AddBgeTextEmbeddings(configure)
        .AddStellaTextEmbeddings(configure)
        .AddNvEmbedTextEmbeddings(configure)
        .AddModernBertTextEmbeddings(configure)
        .AddJinaLocalTextEmbeddings(configure)
        .AddEmbeddingGemmaTextEmbeddings(configure)
        .AddQwen3TextEmbeddings(configure)
        .AddData2VecTextEmbeddings(configure)
        .AddStaticTextEmbeddings(configure)
        .AddModel2VecTextEmbeddings(configure)
        .AddClipTextEmbeddings(configure)
        .AddSiglipTextEmbeddings(configure)
        .AddClapTextEmbeddings(configure)
        .AddTowersEmbeddings(options =>
        {
            var text = new LocalTextEmbeddingOptions();
            configure(text);
            (options.ModelPath, options.Weights) = (model, text.Weights);
        })
        .AddWordVectorsTextEmbeddings(options => options.Path = model)
        .AddCloudFrameworks(chosen, model);

    /// <summary>The generator that was chosen.</summary>
    /// <exception cref="ArgumentException">There is no framework of that name.</exception>
    public IEmbeddingGenerator<string, Embedding<float>> Generator(IServiceProvider services, ParseResult arguments)
    {
        string name = arguments.GetRequiredValue(_framework);
        string[] known = [.. services.GetServices<EmbeddingFramework>().Where(framework => framework.Modality == EmbeddingModality.Text).Select(framework => framework.Name)];
        return known.Contains(name)
            ? services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(name)
            : throw new ArgumentException($"'{name}' is no text framework; known: {string.Join(", ", known)}.");
    }

    private void Validate(OptionResult result)
    {
        string value = result.GetValueOrDefault<string>();
        try
        {
            ModelWeights.Parse(value);
        }
        catch (ArgumentException)
        {
            result.AddError($"--weights is '{value}'. Give {string.Join(", ", ModelWeights.Names)}, or the path of an .onnx file inside the model folder.");
        }
    }
}
