using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Images;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Cli.Commands;

/// <summary>The options that choose a picture model, the same for every command of pictures.</summary>
internal sealed class ImageModelOptions
{
    private readonly Option<string> _framework = new("--framework") { Description = "The framework's name, as `polymodal frameworks` lists it", DefaultValueFactory = _ => "timm" };
    private readonly Option<string?> _model = new("--model") { Description = "A model folder; default: the classifier that ships" };
    private readonly Option<ImagePooling> _pooling = new("--pooling") { Description = $"What stands for a picture: {string.Join(", ", Enum.GetNames<ImagePooling>())}" };

    public void AddTo(Command command)
    {
        command.Options.Add(_framework);
        command.Options.Add(_model);
        command.Options.Add(_pooling);
    }

    /// <summary>A container with the picture frameworks. Options of the command line reach all of it: only what is chosen is loaded.</summary>
    public ServiceProvider Services(ParseResult? arguments)
    {
        var services = new ServiceCollection();
        Add(services, options =>
        {
            options.ModelPath = arguments?.GetValue(_model);
            options.Pooling = arguments?.GetValue(_pooling) ?? ImagePooling.Default;
        });
        return services.BuildServiceProvider();
    }

    /// <summary>Registers the picture frameworks of this program.</summary>
    public static IServiceCollection Add(IServiceCollection services, Action<LocalImageEmbeddingOptions> configure) => services
        .AddTimmImageEmbeddings(configure)
        .AddClipImageEmbeddings(configure)
        .AddSiglipImageEmbeddings(configure)
        .AddVitImageEmbeddings(configure)
        .AddDeitImageEmbeddings(configure)
        .AddDinoV2ImageEmbeddings(configure)
        .AddSwinImageEmbeddings(configure)
        .AddConvNextImageEmbeddings(configure)
        .AddResNetImageEmbeddings(configure)
        .AddEfficientNetImageEmbeddings(configure)
        .AddMobileNetImageEmbeddings(configure)
        .AddData2VecImageEmbeddings(configure);

    /// <summary>The model folder that was chosen; null for none.</summary>
    public string? Folder(ParseResult arguments) => arguments.GetValue(_model);

    /// <summary>The generator that was chosen.</summary>
    /// <exception cref="ArgumentException">There is no framework of that name.</exception>
    public IEmbeddingGenerator<DataContent, Embedding<float>> Generator(IServiceProvider services, ParseResult arguments)
    {
        string name = arguments.GetRequiredValue(_framework);
        string[] known = [.. services.GetServices<EmbeddingFramework>().Where(framework => framework.Modality == EmbeddingModality.Image).Select(framework => framework.Name)];
        return known.Contains(name)
            ? services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>(name)
            : throw new ArgumentException($"'{name}' is no picture framework; known: {string.Join(", ", known)}.");
    }

    /// <summary>Embeds files in their order. A file that cannot be read is told and left out.</summary>
    /// <param name="console">Where faults are told.</param>
    /// <param name="generator">The generator.</param>
    /// <param name="files">The files.</param>
    /// <param name="write">Receives a file and its vector.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many files could not be read.</returns>
    public static async Task<int> EmbedAsync(
        CliConsole console, IEmbeddingGenerator<DataContent, Embedding<float>> generator, IReadOnlyList<string> files, Func<string, Embedding<float>, Task> write, CancellationToken cancellationToken)
    {
        // Enough calls that all threads have work; each fails by itself.
        const int CallsAhead = 16;
        int faults = 0, next = 0;
        await console.ProgressAsync("embedding", files.Count, writesResults: true, async report =>
        {
            var calls = new Queue<(string File, Task<Embedding<float>> Call)>();
            for (int done = 0; done < files.Count; done++)
            {
                for (; next < files.Count && calls.Count < CallsAhead; next++)
                    calls.Enqueue((files[next], EmbedAsync(generator, files[next], cancellationToken)));
                (string file, Task<Embedding<float>> call) = calls.Dequeue();
                try
                {
                    await write(file, await call);
                }
                catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException && !CliErrors.IsClosedOutput(exception))
                {
                    faults++;
                    await console.Error.WriteLineAsync($"{file}: {exception.Message}");
                }

                report(done + 1);
            }
        });
        return faults;
    }

    private static async Task<Embedding<float>> EmbedAsync(IEmbeddingGenerator<DataContent, Embedding<float>> generator, string file, CancellationToken cancellationToken) =>
        await generator.GenerateAsync(await PictureInputs.ReadAsync(file, cancellationToken), cancellationToken: cancellationToken);
}
