using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using Polymodal.VectorStore;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.Samples.RagDemo;

/// <summary>Ask your own documents, in five steps: load, chunk, embed, search, answer.</summary>
public static class Program
{
    private const int MaxQuestionLength = 1_000, DefaultPassages = 5, MaxPassages = 20;

    /// <summary>Runs the demo until Ctrl+C.</summary>
    /// <returns>0, or 1 after a line on the error stream that says what is wrong.</returns>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            DemoOptions options = DemoOptions.Parse(args);
            if (options.ShowHelp)
            {
                Console.WriteLine(DemoOptions.Help);
                return 0;
            }

            await using WebApplication app = await CreateAsync(options);
            await app.ListenAsync(options);
            Console.WriteLine($"Ask your documents at {string.Join(" ", app.Urls)} (Ctrl+C stops)");
            await app.WaitForShutdownAsync();
            await app.Services.GetRequiredService<Indexing>().Completion;
            return 0;
        }
        catch (Exception exception) when (exception is DemoException or IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException or ArgumentException or HttpRequestException or EmbeddingDriftException)
        {
            Console.Error.WriteLine($"RagDemo: {exception.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    /// <summary>The demo, ready to start; it indexes from then on.</summary>
    /// <param name="options">Where the documents are, where their vectors are kept, where to listen.</param>
    /// <exception cref="DemoException">There is no document.</exception>
    /// <exception cref="IOException">The folder, the model or the database cannot be used.</exception>
    public static async Task<WebApplication> CreateAsync(DemoOptions options)
    {
        WebApplicationBuilder builder = DemoHost.CreateBuilder(options);

        // The model. Another model is another line here.
        builder.Services.AddSentenceTransformersTextEmbeddings();
        builder.Services.AddSingleton<Indexing>();

        // The store, one file. Another store is another line here.
        var store = await SqliteVectorStore.OpenAsync(options.DatabasePath, new() { MaxBytes = options.MaxDatabaseBytes });
        builder.Services.AddSingleton<IVectorStore>(_ => store);

        WebApplication app = builder.Build();
        app.UseDemoPage();
        var generator = app.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var indexing = app.Services.GetRequiredService<Indexing>();

        // 1. Load: the documents of a folder (text, Markdown, HTML, CSV, JSON, Word), by their paths in it.
        Dictionary<string, SourceDocument> documents = await new FolderSource(options.FolderPath)
            .ReadAsync(file => Console.Error.WriteLine($"Skipped {file.Id}: {file.Reason}"))
            .ToDictionaryAsync(document => document.Id);
        if (documents.Count == 0)
            throw new DemoException($"'{options.FolderPath}' has no document that can be read. Put text, Markdown, HTML, CSV, JSON or Word files there, or choose another folder with --folder.");

        // 2. Chunk and 3. Embed, in the background: passages of about 200 tokens; only new and changed ones are embedded.
        // A folder has a collection for each model, so that changing either loses nothing.
        EmbeddingSpace space = generator.GetService<EmbeddingSpace>()
            ?? throw new DemoException("The registered generator names no embedding space. Register one of Polymodal's, or wrap it so that GetService gives one.");
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.FolderPath}\n{space.SpaceId}")));
        IVectorCollection collection = await app.Services.GetRequiredService<IVectorStore>().OpenCollectionAsync(name, generator);
        var indexer = new DocumentIndexer(generator, collection, new() { ChunksPerCall = 32 });
        app.Lifetime.ApplicationStarted.Register(() => indexing.Start(documents.Values, indexer));

        app.MapGet("/api/status", async (CancellationToken cancellationToken) => new DemoStatus(
            indexing.IsRunning, indexing.PassagesDone, indexing.PassagesTotal, documents.Count, await collection.CountAsync(cancellationToken: cancellationToken),
            generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId, options.Folder is null ? DemoOptions.Examples : []));

        app.MapGet("/api/ask", async (string? q, string? k, CancellationToken cancellationToken) =>
        {
            if (string.IsNullOrWhiteSpace(q))
                return Problem("The question is empty. Type what you would like to know.");
            if (q.Length > MaxQuestionLength)
                return Problem($"The question has {q.Length} characters. Ask with at most {MaxQuestionLength}.");
            if (!int.TryParse(k ?? $"{DefaultPassages}", NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MaxPassages)
                return Problem($"k, the number of passages, must be a whole number from 1 to {MaxPassages}.");
            var watch = Stopwatch.StartNew();
            bool isIndexing = indexing.IsRunning;

            // 4. Search: the passages nearest to the question.
            Embedding<float> question = await generator.GenerateQueryAsync(q, cancellationToken: cancellationToken);
            IReadOnlyList<VectorMatch> matches = await collection.SearchAsync(question, count, cancellationToken);

            // 5. Answer: their sentences nearest to the question, word for word.
            Answer answer = await Answer.QuoteAsync(generator, question, matches, cancellationToken);
            return Results.Ok(new AskResult(q, answer.Quotes, answer.Passages, isIndexing, await collection.CountAsync(cancellationToken: cancellationToken), watch.ElapsedMilliseconds));
        });

        app.MapGet("/api/document", (string? source) => documents.TryGetValue(source ?? "", out SourceDocument? document)
            ? Results.Ok(new DocumentResult(document.Id, document.Title, document.Text))
            : Problem("There is no such document. Ask again: the list of documents may have changed.", StatusCodes.Status404NotFound));
        return app;
    }

    private static IResult Problem(string detail, int statusCode = StatusCodes.Status400BadRequest) => Results.Problem(detail, statusCode: statusCode);
}
