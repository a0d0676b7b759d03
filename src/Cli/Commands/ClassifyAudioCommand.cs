using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Multimodal;
using Polymodal.Providers.Local;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal classify audio</c>: which of some named classes sounds are of.</summary>
internal static class ClassifyAudioCommand
{
    public static Command Create(CliConsole console)
    {
        var files = new Argument<string[]>("sounds") { Description = "Files of sounds", Arity = ArgumentArity.OneOrMore };
        var zeroShot = new ZeroShotArguments(required: true);
        var top = ClassifyImageCommand.Top();
        var json = new Option<bool>("--json") { Description = "One JSON object a line: file, none, classes" };
        var model = new Option<string>("--model") { Description = "A model folder with towers of texts and sounds, e.g. of CLAP", Required = true };
        var command = new Command("audio", "Tell which of the classes you name sounds are of, without examples, by a model that has both texts and sounds in one space.") { files, top, json, model };
        zeroShot.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            string folder = arguments.GetRequiredValue(model);
            using LocalTextEmbeddingGenerator texts = await LocalTextEmbeddingGenerator.LoadAsync(folder, cancellationToken: cancellationToken);
            using LocalAudioEmbeddingGenerator sounds = await LocalAudioEmbeddingGenerator.LoadAsync(folder, cancellationToken: cancellationToken);
            ZeroShotClassifier<DataContent> classifier = await zeroShot.ClassifierAsync(arguments, texts, sounds, PromptTemplates.Sound, cancellationToken);
            return await ClassifyImageCommand.ClassifyAsync(console, classifier, arguments.GetRequiredValue(files), "audio/*", arguments.GetValue(top), arguments.GetValue(json), cancellationToken);
        });
        return command;
    }
}
