using System.Runtime.CompilerServices;
using System.Text;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>The text files (<c>.txt</c>, <c>.md</c>) below a folder as documents.</summary>
/// <remarks>
/// Files and folders that are hidden or whose names begin with a period are left out, and links to folders are not followed. Safe for concurrent use.
/// </remarks>
public sealed class FolderSource
{
    private static readonly Dictionary<string, TextFormat> Formats = new(StringComparer.OrdinalIgnoreCase) { [".txt"] = TextFormat.Plain, [".md"] = TextFormat.Markdown };

    private readonly string _folder;
    private readonly long _maxFileBytes;

    /// <summary>Names the folder; nothing is read yet.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">What to read; null means the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is blank.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public FolderSource(string folder, FolderSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = Path.GetFullPath(folder);
        _maxFileBytes = (options ?? new()).Validated().MaxFileBytes;
    }

    /// <summary>Reads the documents one by one, by path in ordinal order. A document's id is its path below the folder, with <c>/</c> between names.</summary>
    /// <param name="skipped">Receives each text file that is not read, and why. One that is too large is left out; one that cannot be read comes as a document that is <see cref="SourceDocument.IsUnreadable"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Text is read as UTF-8 unless a byte order mark says otherwise; invalid bytes become U+FFFD.</returns>
    /// <exception cref="IOException">The folder, or one below it, does not exist or cannot be listed.</exception>
    public async IAsyncEnumerable<SourceDocument> ReadAsync(Action<SkippedFile>? skipped = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (string id in await Task.Run(List, cancellationToken).ConfigureAwait(false))
        {
            var file = new FileInfo(Path.Combine(_folder, id));
            string? text = null;
            try
            {
                if (file.Length > _maxFileBytes)
                {
                    skipped?.Invoke(new(id, $"it has {file.Length} bytes; the limit, MaxFileBytes, is {_maxFileBytes}"));
                    continue;
                }

                using var reader = new StreamReader(file.FullName, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
                text = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                skipped?.Invoke(new(id, $"it cannot be read: {exception.Message}"));
            }

            TextFormat format = Formats[file.Extension];
            if (text is null)
                yield return new() { Id = id, Title = Path.GetFileNameWithoutExtension(id), Text = "", Format = format, IsUnreadable = true };
            else
                yield return new() { Id = id, Title = TitleOf(text, format) ?? Path.GetFileNameWithoutExtension(id), Text = text, Format = format };
        }
    }

    private List<string> List()
    {
        // Not its default, which leaves out what cannot be listed: documents would seem to have vanished.
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None };
        try
        {
            var found = new System.IO.Enumeration.FileSystemEnumerable<string>(_folder, (ref entry) => Path.GetRelativePath(_folder, entry.ToFullPath()), options)
            {
                ShouldRecursePredicate = (ref entry) => IsVisible(ref entry) && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && IsVisible(ref entry) && Formats.ContainsKey(Path.GetExtension(entry.FileName).ToString()),
            };
            return [.. found.Select(path => path.Replace(Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"folder '{_folder}' cannot be listed: {exception.Message} Check the path, and that this user may read the folder and all below it.", exception);
        }
    }

    private static bool IsVisible(ref System.IO.Enumeration.FileSystemEntry entry) =>
        !entry.FileName.StartsWith('.') && (entry.Attributes & (FileAttributes.Hidden | FileAttributes.System)) == 0;

    private static string? TitleOf(string text, TextFormat format) =>
        format == TextFormat.Markdown ? TextBlocks.Of(text, format).FirstOrDefault(block => block.Kind == TextBlockKind.Heading).Heading : null;
}

/// <summary>What a <see cref="FolderSource"/> reads.</summary>
public sealed class FolderSourceOptions
{
    /// <summary>Largest file in bytes, at least 1; by default 16 MiB. Larger ones are skipped, with a word about it.</summary>
    public long MaxFileBytes { get; set; } = 16 << 20;

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal FolderSourceOptions Validated() => MaxFileBytes >= 1
        ? new() { MaxFileBytes = MaxFileBytes }
        : throw new ArgumentOutOfRangeException(nameof(MaxFileBytes), MaxFileBytes, "MaxFileBytes must be at least 1.");
}

/// <summary>A text file that was not read.</summary>
/// <param name="Id">Its path below the folder.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedFile(string Id, string Reason);
