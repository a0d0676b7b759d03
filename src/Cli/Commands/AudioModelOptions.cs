using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local;

namespace Polymodal.Cli.Commands;

/// <summary>The options that choose a sound framework and its model.</summary>
internal sealed class AudioModelOptions
{
    private readonly Option<string> _framework = new("--framework") { Description = "The framework's name, as `polymodal frameworks` lists it", DefaultValueFactory = _ => "whisper" };
    private readonly Option<string?> _model = new("--model") { Description = "A model folder" };

    public void AddTo(Command command)
    {
        command.Options.Add(_framework);
        command.Options.Add(_model);
    }

    /// <summary>A container with every sound framework; only what is chosen is loaded.</summary>
    public ServiceProvider Services(ParseResult arguments, TimeSpan? windowLength) => AddTo(new ServiceCollection(), options =>
    {
        options.ModelPath = arguments.GetValue(_model);
        options.WindowLength = windowLength;
    }).BuildServiceProvider();

    /// <summary>Adds every sound framework to a container.</summary>
    public static IServiceCollection AddTo(IServiceCollection services, Action<LocalAudioEmbeddingOptions>? configure) => services
        .AddWav2Vec2AudioEmbeddings(configure)
        .AddHubertAudioEmbeddings(configure)
        .AddWavLMAudioEmbeddings(configure)
        .AddData2VecAudioEmbeddings(configure)
        .AddUniSpeechAudioEmbeddings(configure)
        .AddWav2Vec2BertAudioEmbeddings(configure)
        .AddAstAudioEmbeddings(configure)
        .AddWhisperAudioEmbeddings(configure)
        .AddClapAudioEmbeddings(configure)
        .AddVoiceAudioEmbeddings(configure);

    /// <summary>The generator that was chosen.</summary>
    /// <exception cref="ArgumentException">There is no sound framework of that name.</exception>
    public LocalAudioEmbeddingGenerator Generator(IServiceProvider services, ParseResult arguments)
    {
        string name = arguments.GetRequiredValue(_framework);
        string[] known = [.. services.GetServices<EmbeddingFramework>().Select(framework => framework.Name)];
        return known.Contains(name)
            ? (LocalAudioEmbeddingGenerator)services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>(name)
            : throw new ArgumentException($"'{name}' is no sound framework; known: {string.Join(", ", known)}.");
    }
}
