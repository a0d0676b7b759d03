using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Polymodal.Evaluation.Parity;
using Spectre.Console;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal parity</c>: a model folder against the recorded reference beside it.</summary>
internal static class ParityCommand
{
    public static Command Create(CliConsole console)
    {
        var folders = new Argument<string[]>("folders") { Description = "Model folders with a reference.json", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "One JSON object a tensor" };
        var command = new Command("parity", "Compare what a model folder gives here with what the Python library gave. Exit code 1 when anything fails its rule, 2 for a folder that cannot be read; of several folders the largest counts.") { folders, json };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            int code = CliApplication.Success;
            foreach (string folder in arguments.GetRequiredValue(folders))
                code = Math.Max(code, await CompareAsync(console, folder, arguments.GetValue(json), cancellationToken));
            return code;
        });
        return command;
    }

    private static async Task<int> CompareAsync(CliConsole console, string folder, bool json, CancellationToken cancellationToken)
    {
        var rows = new List<ParityRow>();
        int code = CliApplication.Success;
        try
        {
            IReadOnlyList<string> references = Reference.FilesIn(folder);
            if (references is [])
                throw new InvalidDataException($"{folder} has no reference.json. Give a model folder with a recorded reference beside it.");
            foreach (string file in references)
                await CompareAsync(console, file, rows, cancellationToken);
        }
#pragma warning disable CA1031 // Whatever a damaged folder leads to, the other folders are compared all the same.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            await console.Error.WriteLineAsync($"error: {CliErrors.Describe(exception, console)}");
            code = CliApplication.Unreadable;
        }

        if (json)
        {
            foreach (ParityRow row in rows)
                await console.Output.WriteLineAsync(JsonSerializer.Serialize(new(folder, row.Case, row.Tensor, Finite(row.LargestDifference), Finite(row.SmallestCosine), row.Verdict, row.Note), CliJson.Readable.ParityLine));
        }
        else if (rows.Count > 0)
        {
            Write(console, folder, rows);
        }

        return Math.Max(code, rows.Any(row => row.Verdict == ParityVerdict.Fail) ? CliApplication.Failure : CliApplication.Success);
    }

    private static async Task CompareAsync(CliConsole console, string file, List<ParityRow> rows, CancellationToken cancellationToken)
    {
        using ParityRun run = ParityRun.Open(file);
        await console.ProgressAsync($"{run.Name}: cases", run.Cases.Count, writesResults: false, report => Task.Run(
            () =>
            {
                for (int i = 0; i < run.Cases.Count; i++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    rows.AddRange(run.Cases[i].Compare());
                    report(i + 1);
                }
            },
            cancellationToken));
    }

    private static void Write(CliConsole console, string folder, List<ParityRow> rows)
    {
        console.Output.WriteLine(folder);
        console.WriteTable(["case", "tensor", "largest difference", "smallest cosine", "verdict", "note"], [.. rows.Select(row => new Cell[]
        {
            row.Case, row.Tensor, Number(row.LargestDifference, "0.0e+0"), Number(row.SmallestCosine, "0.000000000"), new(Word(row.Verdict), Tone(row.Verdict)), row.Note ?? "",
        })]);
        int Count(ParityVerdict verdict) => rows.Count(row => row.Verdict == verdict);
        console.Output.WriteLine($"{Count(ParityVerdict.Pass)} passed, {Count(ParityVerdict.Fail)} failed, {Count(ParityVerdict.NotSupported)} not supported, {Count(ParityVerdict.Informative)} informative");
        console.Output.WriteLine();
    }

    private static string Number(double? value, string format) => value switch
    {
        null => "",
        0 => "0",
        { } number => number.ToString(format, CultureInfo.InvariantCulture),
    };

    private static string Word(ParityVerdict verdict) => verdict switch
    {
        ParityVerdict.NotSupported => "not supported",
        _ => verdict.ToString().ToLowerInvariant(),
    };

    private static Style Tone(ParityVerdict verdict) => verdict switch
    {
        ParityVerdict.Pass => Cell.Good,
        ParityVerdict.Fail => Cell.Bad,
        _ => Cell.Muted,
    };

    // JSON has no NaN; a comparison that met one has failed and says where.
    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
