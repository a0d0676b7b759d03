using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Multimodal;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal duplicates</c>: pictures that are the same, byte for byte or nearly, in groups.</summary>
internal static class DuplicatesCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new PictureInputs();
        var threshold = new Option<float>("--threshold") { Description = "Least cosine at which two pictures count as nearly the same, 0 to 1", DefaultValueFactory = _ => 0.95f };
        var json = new Option<bool>("--json") { Description = "One JSON object a group: files, score" };
        var model = new ImageModelOptions();
        threshold.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<float>() is not (>= 0 and <= 1))
                result.AddError("--threshold must be 0 to 1.");
        });
        var command = new Command("duplicates", "Find pictures that are the same or nearly the same. Nothing is changed or deleted.") { threshold, json };
        pictures.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            IReadOnlyList<string> files = [.. pictures.Files(arguments).Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)];
            await using ServiceProvider services = model.Services(arguments);
            var found = new List<(string File, Embedding<float> Embedding, string Hash)>();
            int faults = await ImageModelOptions.EmbedAsync(console, model.Generator(services, arguments), files, async (file, embedding) =>
                found.Add((file, embedding, Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(file, cancellationToken))))), cancellationToken);

            foreach (DuplicateGroup group in Groups(found, arguments.GetValue(threshold)))
            {
                await console.Output.WriteLineAsync(arguments.GetValue(json)
                    ? JsonSerializer.Serialize(group, CliJson.Readable.DuplicateGroup)
                    : string.Create(CultureInfo.InvariantCulture, $"{(group.Identical ? "same" : $"{group.Score:0.000}")}\t{string.Join('\t', group.Files)}"));
            }

            return faults == 0 ? CliApplication.Success : CliApplication.Failure;
        });
        return command;
    }

    private static IEnumerable<DuplicateGroup> Groups(List<(string File, Embedding<float> Embedding, string Hash)> pictures, float threshold) =>
        DuplicateFinder.Find([.. pictures.Select(picture => picture.Embedding)], threshold, (first, second) => pictures[first].Hash == pictures[second].Hash)
            .Select(group => new DuplicateGroup([.. group.Items.Select(item => pictures[item].File)], group.Score, group.Items.Select(item => pictures[item].Hash).Distinct().Count() == 1));
}
