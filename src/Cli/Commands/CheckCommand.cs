using System.CommandLine;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal check</c>: whether a vector store is in order.</summary>
internal static class CheckCommand
{
    public static Command Create(CliConsole console)
    {
        var repair = new Option<bool>("--repair") { Description = "Mend what is found; records that cannot be read are put aside in the file" };
        var command = new Command("check", "Read everything in a vector store and compare it with its checksums. Ends with 1 when something is wrong.") { repair };
        var store = new StoreOptions();
        store.AddTo(command, withCollection: false);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using SqliteVectorStore opened = await store.OpenAsync(arguments, cancellationToken);
            VectorStoreCheck found = await opened.CheckAsync(arguments.GetValue(repair), cancellationToken);
            foreach (VectorStoreProblem problem in found.Problems)
            {
                string place = string.Join(' ', new[] { problem.Collection, problem.Id?.ToString() }.Where(part => part is not null));
                await console.Output.WriteLineAsync(CliText.OneLine($"{(place.Length > 0 ? place : store.Path(arguments))}: {problem.Found}{(problem.IsRepaired ? " (repaired)" : "")}"));
            }

            await console.Output.WriteLineAsync($"{found.Records} records are sound");
            return found.IsSound ? CliApplication.Success : CliApplication.Failure;
        });
        return command;
    }
}
