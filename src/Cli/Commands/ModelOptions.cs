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

        IServiceCollection services = new ServiceCollection()
            .AddSentenceTransformersTextEmbeddings(Configure)
            .AddHuggingFaceTextEmbeddings(Configure)
            .AddE5TextEmbeddings(Configure)
            .AddBgeTextEmbeddings(Configure)
            .AddStellaTextEmbeddings(Configure)
            .AddNvEmbedTextEmbeddings(Configure)
            .AddModernBertTextEmbeddings(Configure)
            .AddJinaLocalTextEmbeddings(Configure)
            .AddEmbeddingGemmaTextEmbeddings(Configure)
            .AddQwen3TextEmbeddings(Configure)
            .AddData2VecTextEmbeddings(Configure)
            .AddStaticTextEmbeddings(Configure)
            .AddModel2VecTextEmbeddings(Configure)
            .AddClipTextEmbeddings(Configure)
            .AddSiglipTextEmbeddings(Configure)
            .AddClapTextEmbeddings(Configure)
            .AddTowersEmbeddings(options => (options.ModelPath, options.Weights) = (arguments?.GetValue(_model), ModelWeights.Parse(arguments?.GetValue(_weights) ?? "fp32")))
            .AddWordVectorsTextEmbeddings(options => options.Path = arguments?.GetValue(_model))
            .AddCloudFrameworks(arguments?.GetValue(_framework), arguments?.GetValue(_model));
        ImageModelOptions.Add(services, _ => { });
        AudioModelOptions.AddTo(services, configure: null);
        return services.BuildServiceProvider();
    }

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
