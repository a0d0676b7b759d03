using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal frameworks</c>: what can be used here and now, and why not.</summary>
internal static class FrameworksCommand
{
    public static Command Create(CliConsole console)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a framework" };
        var probe = new Option<bool>("--probe") { Description = "Ask the services whether they answer and take the key; without it nobody is called" };
        var command = new Command("frameworks", "List the embedding frameworks, whether each can be used here, and why.") { json, probe };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using ServiceProvider services = new ModelOptions().Services();
            FrameworkRow[] rows = await Task.WhenAll(services.GetServices<EmbeddingFramework>().Select(async framework =>
            {
                FrameworkAvailability found = arguments.GetValue(probe) ? await framework.ProbeAsync(cancellationToken) : framework.Detect();
                return new FrameworkRow(framework.Name, framework.DisplayName, framework.Modality, framework.RunsAt, framework.DefaultModel, framework.Dimensions, found.IsAvailable, found.Reason);
            }));
            if (arguments.GetValue(json))
            {
                foreach (FrameworkRow row in rows)
                    console.Output.WriteLine(JsonSerializer.Serialize(row, CliJson.Readable.FrameworkRow));
            }
            else
            {
                console.WriteTable(["name", "input", "runs", "model", "dimensions", "available", "why"], [.. rows.Select(row => new Cell[]
                {
                    row.Name, Lower(row.Input), Lower(row.Runs), row.Model ?? "", row.Dimensions?.ToString() ?? "", row.Available ? new("yes", Cell.Good) : new("no", Cell.Bad), row.Reason,
                })]);
            }

            return CliApplication.Success;
        });
        return command;
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
