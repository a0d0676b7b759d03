using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.VectorStore;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal index</c>: makes a collection hold the texts of a folder.</summary>
internal static class IndexCommand
{
    public static Command Create(CliConsole console)
    {
        var folder = new Argument<string>("folder") { Description = "The folder; its .txt, .md, .html, .csv, .json and .docx files are read, those of folders in it too" };
        var tokenizer = new Option<LexicalTokenizer>("--words") { Description = "How a new collection finds words: words, or trigrams for languages without spaces" };
        var command = new Command("index", "Bring a collection up to date with a folder of texts: only what is new or changed is embedded, what is gone is removed.") { folder, tokenizer };
        var store = new StoreOptions();
        var model = new ModelOptions();
        var chunks = new ChunkerOptions();
        chunks.AddTo(command);
        store.AddTo(command);
        model.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var source = new FolderSource(arguments.GetRequiredValue(folder));
            await using ServiceProvider services = model.Services(arguments);
            IEmbeddingGenerator<string, Embedding<float>> generator = model.Generator(services, arguments);
            IDocumentChunker chunker = chunks.Chunker(arguments, generator);
            await using SqliteVectorStore opened = await store.CreateAsync(arguments, cancellationToken);
            GuardedVectorCollection collection = await opened.OpenCollectionAsync(store.Name(arguments), generator, arguments.GetValue(tokenizer), cancellationToken);
            IndexingReport report = default!;
            await console.ProgressAsync("embedding passages", total: null, writesResults: false, async done =>
                report = await new DocumentIndexer(generator, collection, new() { Chunker = chunker }).IndexAsync(
                    source.ReadAsync(file => console.Error.WriteLine(CliText.OneLine($"skipped {file.Id}: {file.Reason}")), cancellationToken),
                    new CliProgress<IndexingProgress>(progress => done(progress.ChunksEmbedded)), cancellationToken));
            await console.Output.WriteLineAsync(
                $"{store.Name(arguments)}: {report.ChunksEmbedded} passages embedded; documents added {report.Added}, changed {report.Changed}, unchanged {report.Unchanged}, removed {report.Removed}");
            return CliApplication.Success;
        });
        return command;
    }
}
