using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Audio.Transcription;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal transcribe</c>: what is said in sound files, with times.</summary>
internal static class TranscribeCommand
{
    public static Command Create(CliConsole console)
    {
        var files = new Argument<string[]>("files") { Description = "Sound files", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string>("--model") { Description = "A model folder of Whisper with encoder and decoder", Required = true };
        var language = new Option<string?>("--language") { Description = "What is spoken, e.g. en; default: found out" };
        var json = new Option<bool>("--json") { Description = "One JSON object a part: file, start, end, text" };
        var command = new Command("transcribe", "Write down what is said in sounds: one line a part.") { files, model, language, json };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using WhisperSpeechToTextClient client = WhisperSpeechToTextClient.Load(arguments.GetRequiredValue(model));
            foreach (string file in arguments.GetRequiredValue(files))
            {
                using FileStream stream = File.OpenRead(file);
                await foreach (SpeechToTextResponseUpdate part in client.GetStreamingTextAsync(stream, new SpeechToTextOptions { SpeechLanguage = arguments.GetValue(language) }, cancellationToken))
                    await console.Output.WriteLineAsync(arguments.GetValue(json) ? Json(file, part) : Plain(part));
            }

            return CliApplication.Success;
        });
        return command;
    }

    private static string Plain(SpeechToTextResponseUpdate part) =>
        string.Create(CultureInfo.InvariantCulture, $"{part.StartTime!.Value.TotalSeconds:0.00}-{part.EndTime!.Value.TotalSeconds:0.00} {part.Text.Trim()}");

    private static string Json(string file, SpeechToTextResponseUpdate part) =>
        JsonSerializer.Serialize(new(file, part.StartTime!.Value.TotalSeconds, part.EndTime!.Value.TotalSeconds, part.Text.Trim()), CliJson.Readable.TranscribedPart);
}
