using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Cli.Commands;

/// <summary>The options that choose a framework and its model for each medium.</summary>
internal sealed class MediaModelOptions
{
    private readonly Option<string>[] _frameworks = [Framework("text", "sentence-transformers"), Framework("image", "timm"), Framework("audio", "whisper")];
    private readonly Option<string?>[] _models = [Model("text"), Model("image"), Model("audio")];

    public void AddTo(Command command)
    {
        for (int i = 0; i < _frameworks.Length; i++)
        {
            command.Options.Add(_frameworks[i]);
            command.Options.Add(_models[i]);
        }
    }

    /// <summary>A container with everything this program offers, and one generator over the frameworks chosen. Only what inputs need is loaded.</summary>
    public ServiceProvider Services(ParseResult arguments)
    {
        string[] frameworks = [.. _frameworks.Select(arguments.GetRequiredValue)];
        string?[] models = [.. _models.Select(arguments.GetValue)];
        IServiceCollection services = ModelOptions.Add(new ServiceCollection(), options => options.ModelPath = models[0], frameworks[0], models[0]);
        ImageModelOptions.Add(services, options => options.ModelPath = models[1]);
        AudioModelOptions.AddTo(services, options => options.ModelPath = models[2]);
        return services.AddMultimodalEmbeddings(m => m.Text(frameworks[0]).Image(frameworks[1]).Audio(frameworks[2])).BuildServiceProvider();
    }

    private static Option<string> Framework(string medium, string name) => new($"--{medium}") { Description = $"The framework of {medium} inputs, as `polymodal frameworks` lists it", DefaultValueFactory = _ => name };

    private static Option<string?> Model(string medium) => new($"--{medium}-model") { Description = "A model folder for it; default: the model that ships, or the service's own" };
}
