using System.Text;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis.PageSegmenter;
using UglyToad.PdfPig.DocumentLayoutAnalysis.ReadingOrderDetector;
using UglyToad.PdfPig.DocumentLayoutAnalysis.WordExtractor;
using UglyToad.PdfPig.Exceptions;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Reads the text of PDF files: blocks of words in reading order, each a paragraph. Scanned pages have no text; encrypted files are refused.</summary>
/// <remarks>Safe for concurrent use. Add it to <see cref="FolderSourceOptions.Readers"/>.</remarks>
public sealed class PdfReader : IDocumentReader
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".pdf"];

    /// <inheritdoc/>
    public Task<DocumentText> ReadAsync(Stream stream, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            return Read(stream, cancellationToken);
        }
        catch (PdfDocumentEncryptedException exception)
        {
            throw new InvalidDataException("it is encrypted. Save it without a password.", exception);
        }
#pragma warning disable CA1031 // Damaged files make the library fail in ways of many types.
        catch (Exception exception) when (exception is not (OperationCanceledException or IOException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            throw new InvalidDataException($"it is no PDF, or damaged: {exception.Message}", exception);
        }
    }, cancellationToken);

    private static DocumentText Read(Stream stream, CancellationToken cancellationToken)
    {
        using PdfDocument document = PdfDocument.Open(stream, new ParsingOptions { UseLenientParsing = true });
        var text = new StringBuilder();
        foreach (Page page in document.GetPages())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var words = NearestNeighbourWordExtractor.Instance.GetWords(page.Letters).ToList();
            if (words.Count == 0)
                continue;
            foreach (var block in UnsupervisedReadingOrderDetector.Instance.Get(DocstrumBoundingBoxes.Instance.GetBlocks(words)))
                text.Append(text.Length > 0 ? "\n\n" : "").AppendJoin('\n', block.TextLines.Select(line => line.Text.Trim()).Where(line => line.Length > 0));
        }

        string? title = document.Information.Title?.Trim(), author = document.Information.Author?.Trim();
        return new(text.ToString(), TextFormat.Plain, string.IsNullOrEmpty(title) ? null : title)
        {
            Metadata = new() { ["author"] = string.IsNullOrEmpty(author) ? null : author, ["pages"] = document.NumberOfPages },
        };
    }
}
