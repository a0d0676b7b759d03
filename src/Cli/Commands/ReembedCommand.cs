using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal reembed</c>: gives a collection the vectors of another model.</summary>
internal static class ReembedCommand
{
    public static Command Create(CliConsole console)
    {
        var command = new Command("reembed", "Give a collection the vectors of another model. It can be searched meanwhile; a run that was ended goes on where it was.");
        var store = new StoreOptions();
        var model = new ModelOptions();
        store.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using SqliteVectorStore opened = await store.OpenAsync(arguments, cancellationToken);
            IVectorCollection before = await store.CollectionAsync(opened, arguments, cancellationToken);
            await using ServiceProvider services = model.Services(arguments);
            IEmbeddingGenerator<string, Embedding<float>> generator = model.Generator(services, arguments);
            long embedded = 0, total = await before.CountAsync(cancellationToken: cancellationToken);
            await console.ProgressAsync("embedding again", (int)Math.Min(total, int.MaxValue), writesResults: false, async report =>
                embedded = await new Reembedder(opened, generator).RunAsync(before.Name, new CliProgress<ReembeddingProgress>(progress => report((int)Math.Min(progress.Done, int.MaxValue))), cancellationToken));
            await console.Output.WriteLineAsync($"{before.Name}: {embedded} records embedded; space {generator.GetService<EmbeddingSpace>()!.SpaceId}");
            return CliApplication.Success;
        });
        return command;
    }
}
