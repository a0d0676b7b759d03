using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal embed image</c>: one vector a picture, one line a vector.</summary>
internal static class EmbedImageCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new PictureInputs();
        var json = new Option<bool>("--json") { Description = "One JSON object a line: file, model, space, vector" };
        var model = new ImageModelOptions();
        var command = new Command("image", "Turn pictures into vectors: one line a picture, its file and its numbers separated by spaces.") { json };
        pictures.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            IReadOnlyList<string> files = pictures.Files(arguments);
            await using ServiceProvider services = model.Services(arguments);
            bool asJson = arguments.GetValue(json);
            int faults = await ImageModelOptions.EmbedAsync(console, model.Generator(services, arguments), files,
                (file, embedding) => console.Output.WriteLineAsync(asJson ? Json(file, embedding) : Plain(file, embedding)), cancellationToken);
            return faults == 0 ? CliApplication.Success : CliApplication.Failure;
        });
        return command;
    }

    private static string Plain(string file, Embedding<float> embedding) =>
        $"{file} {string.Join(' ', embedding.Vector.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}";

    private static string Json(string file, Embedding<float> embedding) =>
        JsonSerializer.Serialize(new(file, embedding.ModelId, EmbeddingSpace.SpaceIdOf(embedding), embedding.Vector), CliJson.Readable.EmbeddedPicture);
}
