using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Multimodal;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal classify image</c>: what a classifier sees in pictures.</summary>
internal static class ClassifyImageCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new PictureInputs();
        var zeroShot = new ZeroShotArguments(required: false);
        Option<int> top = Top();
        var json = new Option<bool>("--json") { Description = "One JSON object a line: file, classes; with --labels also none" };
        var model = new ImageModelOptions();
        var command = new Command("image", "Name what is in pictures: by a classifier with classes of its own, or, with --labels, by a model with texts and pictures in one space.") { top, json };
        pictures.AddTo(command);
        zeroShot.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            IReadOnlyList<string> files = pictures.Files(arguments);
            await using ServiceProvider services = model.Services(arguments);
            if (zeroShot.AreGiven(arguments))
            {
                string folder = model.Folder(arguments) ?? throw new ArgumentException("--labels needs a model with towers of texts and pictures; the classifier that ships has none. Give --model with a folder, e.g. of CLIP.");
                using LocalTextEmbeddingGenerator texts = await LocalTextEmbeddingGenerator.LoadAsync(folder, cancellationToken: cancellationToken);
                ZeroShotClassifier<DataContent> named = await zeroShot.ClassifierAsync(arguments, texts, model.Generator(services, arguments), PromptTemplates.Picture, cancellationToken);
                return await ClassifyAsync(console, named, files, "image/*", arguments.GetValue(top), arguments.GetValue(json), cancellationToken);
            }

            LocalImageModel classifier = model.Generator(services, arguments).GetService<LocalImageModel>()!;
            int faults = 0, done = 0;
            await console.ProgressAsync("classifying", files.Count, writesResults: true, async report =>
            {
                foreach (string file in files)
                {
                    try
                    {
                        IReadOnlyList<ImageClass> classes = (await classifier.ClassifyAsync([await File.ReadAllBytesAsync(file, cancellationToken)], arguments.GetValue(top), cancellationToken))[0];
                        await console.Output.WriteLineAsync(arguments.GetValue(json)
                            ? JsonSerializer.Serialize(new ClassifiedPicture(file, classes), CliJson.Readable.ClassifiedPicture)
                            : $"{file}: {string.Join(", ", classes.Select(found => string.Create(CultureInfo.InvariantCulture, $"{found.Name} {found.Probability:0.00}")))}");
                    }
                    catch (InvalidDataException exception)
                    {
                        faults++;
                        await console.Error.WriteLineAsync($"{file}: {exception.Message}");
                    }

                    report(++done);
                }
            });
            return faults == 0 ? CliApplication.Success : CliApplication.Failure;
        });
        return command;
    }

    /// <summary>The option of how many classes are told.</summary>
    public static Option<int> Top()
    {
        var top = new Option<int>("--top") { Description = "How many classes for each input", DefaultValueFactory = _ => 3 };
        top.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--top must be at least 1.");
        });
        return top;
    }

    /// <summary>Classifies files one after the other. A file that cannot be read is told and left out.</summary>
    public static async Task<int> ClassifyAsync(
        CliConsole console, ZeroShotClassifier<DataContent> classifier, IReadOnlyList<string> files, string mediaType, int top, bool json, CancellationToken cancellationToken)
    {
        int faults = 0, done = 0;
        await console.ProgressAsync("classifying", files.Count, writesResults: true, async report =>
        {
            foreach (string file in files)
            {
                try
                {
                    ZeroShotResult result = (await classifier.ClassifyAsync([new DataContent(await File.ReadAllBytesAsync(file, cancellationToken), mediaType)], top, cancellationToken))[0];
                    await console.Output.WriteLineAsync(json
                        ? JsonSerializer.Serialize(new ClassifiedFile(file, result.IsNone, result.Classes), CliJson.Readable.ClassifiedFile)
                        : ZeroShotArguments.Line(file, result));
                }
                catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException && !CliErrors.IsClosedOutput(exception))
                {
                    faults++;
                    await console.Error.WriteLineAsync($"{file}: {exception.Message}");
                }

                report(++done);
            }
        });
        return faults == 0 ? CliApplication.Success : CliApplication.Failure;
    }
}
