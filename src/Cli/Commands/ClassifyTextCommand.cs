using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Multimodal;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal classify text</c>: which of some named classes texts are of.</summary>
internal static class ClassifyTextCommand
{
    public static Command Create(CliConsole console)
    {
        var texts = new TextInputs();
        var zeroShot = new ZeroShotArguments(required: true);
        var top = ClassifyImageCommand.Top();
        var json = new Option<bool>("--json") { Description = "One JSON object a line: index, none, classes" };
        var model = new ModelOptions();
        var command = new Command("text", "Tell which of the classes you name texts are of, without examples.") { top, json };
        texts.AddTo(command);
        zeroShot.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using ServiceProvider services = model.Services(arguments);
            ZeroShotClassifier<string> classifier = await zeroShot.ClassifierAsync(arguments, model.Generator(services, arguments), cancellationToken);
            int index = 0;
            await foreach (string text in texts.ReadAsync(console, arguments, cancellationToken))
            {
                ZeroShotResult result = (await classifier.ClassifyAsync([text], arguments.GetValue(top), cancellationToken))[0];
                await console.Output.WriteLineAsync(arguments.GetValue(json)
                    ? JsonSerializer.Serialize(new ClassifiedText(index, result.IsNone, result.Classes), CliJson.Readable.ClassifiedText)
                    : ZeroShotArguments.Line(text, result));
                index++;
            }

            return CliApplication.Success;
        });
        return command;
    }
}
