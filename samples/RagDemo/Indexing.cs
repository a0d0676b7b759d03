using System.Diagnostics;
using Polymodal.VectorStore.Ingestion;

namespace Polymodal.Samples.RagDemo;

/// <summary>The indexing of the folder, beside the page: how far it is, and how it ended.</summary>
public sealed class Indexing(IHostApplicationLifetime lifetime) : IProgress<IndexingProgress>
{
    private readonly Lock _gate = new();
    private int[] _passagesBefore = [0];
    private IndexingProgress _documentBegun;
    private int _linesPrinted;

    /// <summary>Ends when indexing has: well, by a stop of the program, or with the error that also stops the program.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether it is under way.</summary>
    public bool IsRunning => !Completion.IsCompleted;

    /// <summary>Passages read; at most one batch of them is not stored yet.</summary>
    public int PassagesDone { get; private set; }

    /// <summary>Passages that all documents have together.</summary>
    public int PassagesTotal => _passagesBefore[^1];

    /// <summary>Begins. Call it once.</summary>
    /// <param name="documents">All documents.</param>
    /// <param name="indexer">Indexes them.</param>
    public void Start(IReadOnlyCollection<SourceDocument> documents, DocumentIndexer indexer) =>
        Completion = Task.Run(() => RunAsync(documents, indexer, lifetime.ApplicationStopping));

    /// <inheritdoc/>
    public void Report(IndexingProgress value)
    {
        lock (_gate)
        {
            if (value.Documents != _documentBegun.Documents)
                _documentBegun = value;
            (int begin, int end) = value.Document is null
                ? (PassagesTotal, PassagesTotal)
                : (_passagesBefore[value.Documents - 1], _passagesBefore[value.Documents]);
            PassagesDone = Math.Min(end, begin + value.ChunksEmbedded - _documentBegun.ChunksEmbedded);
            if (value.ChunksEmbedded > 0 && PassagesDone * 10 / PassagesTotal is var tenths && tenths > _linesPrinted)
            {
                _linesPrinted = tenths;
                Console.WriteLine($"Indexing: {PassagesDone} of {PassagesTotal} passages");
            }
        }
    }

    private async Task RunAsync(IReadOnlyCollection<SourceDocument> documents, DocumentIndexer indexer, CancellationToken stopping)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            var chunker = new TextChunker();
            int total = 0;
            _passagesBefore = [0, .. documents.Select(document => total += chunker.Chunk(document.Text, document.Format).Count)];
            IndexingReport report = await indexer.IndexAsync(documents, this, stopping);
            Console.WriteLine(
                $"Indexed {documents.Count} documents in {watch.Elapsed.TotalSeconds:0.0} s: {report.ChunksEmbedded} passages embedded; " +
                $"documents added {report.Added}, changed {report.Changed}, unchanged {report.Unchanged}, removed {report.Removed}");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Console.WriteLine("Stopped while indexing. What is indexed is kept; the next start goes on from there.");
        }
        catch
        {
            lifetime.StopApplication();
            throw;
        }
    }
}
