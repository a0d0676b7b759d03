using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

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
            var found = new List<(string File, float[] Vector, string Hash)>();
            int faults = await ImageModelOptions.EmbedAsync(console, model.Generator(services, arguments), files, async (file, embedding) =>
            {
                float[] vector = embedding.Vector.ToArray();
                float length = TensorPrimitives.Norm<float>(vector);
                TensorPrimitives.Divide(vector, length == 0 ? 1 : length, vector);
                found.Add((file, vector, Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(file, cancellationToken)))));
            }, cancellationToken);

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

    // Pictures that are linked by pairs above the threshold are one group; its score is that of its weakest link.
    private static IEnumerable<DuplicateGroup> Groups(List<(string File, float[] Vector, string Hash)> pictures, float threshold)
    {
        int[] group = [.. Enumerable.Range(0, pictures.Count)];
        int Root(int at)
        {
            while (group[at] != at)
                at = group[at] = group[group[at]];
            return at;
        }

        var links = new List<(int First, int Second, float Score)>();
        for (int first = 0; first < pictures.Count; first++)
        {
            for (int second = first + 1; second < pictures.Count; second++)
            {
                float score = pictures[first].Hash == pictures[second].Hash ? 1 : TensorPrimitives.Dot<float>(pictures[first].Vector, pictures[second].Vector);
                if (score < threshold)
                    continue;
                links.Add((first, second, score));
                group[Root(second)] = Root(first);
            }
        }

        return links.GroupBy(link => Root(link.First)).Select(linked =>
        {
            int[] members = [.. linked.SelectMany(link => new[] { link.First, link.Second }).Distinct().Order()];
            return new DuplicateGroup([.. members.Select(member => pictures[member].File)], linked.Min(link => link.Score), members.Select(member => pictures[member].Hash).Distinct().Count() == 1);
        }).OrderByDescending(found => found.Score);
    }
}
