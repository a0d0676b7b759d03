using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.Images;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal classify image</c>: what a classifier sees in pictures.</summary>
internal static class ClassifyImageCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new PictureInputs();
        var top = new Option<int>("--top") { Description = "How many classes for each picture", DefaultValueFactory = _ => 3 };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: file, classes" };
        var model = new ImageModelOptions();
        top.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--top must be at least 1.");
        });
        var command = new Command("image", "Name what is in pictures, by a classifier with classes of its own.") { top, json };
        pictures.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            IReadOnlyList<string> files = pictures.Files(arguments);
            await using ServiceProvider services = model.Services(arguments);
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
}
