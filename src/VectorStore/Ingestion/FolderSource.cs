using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>The files below a folder as documents: those a reader knows, by default text, Markdown, HTML, CSV, JSON and Word; pictures and sounds when asked for.</summary>
/// <remarks>
/// Files and folders that are hidden or whose names begin with a period are left out, and links to folders are not followed. One file at a time is in memory. Safe for concurrent use.
/// </remarks>
public sealed class FolderSource
{
    private static readonly Dictionary<string, string> MediaTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp",
        [".gif"] = "image/gif",
        [".bmp"] = "image/bmp",
        [".tif"] = "image/tiff",
        [".tiff"] = "image/tiff",
        [".avif"] = "image/avif",
        [".wav"] = "audio/wav",
        [".aif"] = "audio/aiff",
        [".aiff"] = "audio/aiff",
        [".mp3"] = "audio/mpeg",
        [".flac"] = "audio/flac",
        [".ogg"] = "audio/ogg",
        [".m4a"] = "audio/mp4",
    };

    private readonly string _folder;
    private readonly FolderSourceOptions _options;
    private readonly Dictionary<string, IDocumentReader> _readers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names the folder; nothing is read yet.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">What to read; null means the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is blank.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public FolderSource(string folder, FolderSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = Path.GetFullPath(folder);
        _options = (options ?? new()).Validated();
        foreach (IDocumentReader reader in _options.Readers)
        {
            foreach (string extension in reader.Extensions)
                _readers[extension] = reader;
        }
    }

    /// <summary>Reads the documents one by one, by path in ordinal order. A document's id is its path below the folder, with <c>/</c> between names.</summary>
    /// <param name="skipped">Receives each file that is not read, and why. One that is too large is left out; one that cannot be read, or that its reader finds damaged, comes as a document that is <see cref="SourceDocument.IsUnreadable"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Text is read as UTF-8 unless a byte order mark says otherwise; invalid bytes become U+FFFD.</returns>
    /// <exception cref="IOException">The folder, or one below it, does not exist or cannot be listed.</exception>
    public async IAsyncEnumerable<SourceDocument> ReadAsync(Action<SkippedFile>? skipped = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (string id in await Task.Run(List, cancellationToken).ConfigureAwait(false))
        {
            var file = new FileInfo(Path.Combine(_folder, id));
            string name = Path.GetFileNameWithoutExtension(id);
            SourceDocument? document = null;
            try
            {
                if (file.Length > _options.MaxFileBytes)
                {
                    skipped?.Invoke(new(id, $"it has {file.Length} bytes; the limit, MaxFileBytes, is {_options.MaxFileBytes}"));
                    continue;
                }

                document = await ReadAsync(file, id, name, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException exception)
            {
                skipped?.Invoke(new(id, $"it cannot be understood: {exception.Message}"));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                skipped?.Invoke(new(id, $"it cannot be read: {exception.Message}"));
            }

            yield return document ?? new() { Id = id, Title = name, Text = "", IsUnreadable = true };
        }
    }

    private async Task<SourceDocument> ReadAsync(FileInfo file, string id, string name, CancellationToken cancellationToken)
    {
        if (!_readers.TryGetValue(file.Extension, out IDocumentReader? reader))
            return new() { Id = id, Title = name, Text = "", Media = new DataContent(await File.ReadAllBytesAsync(file.FullName, cancellationToken).ConfigureAwait(false), MediaTypes[file.Extension]) };
        FileStream stream = file.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            DocumentText read = await reader.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            return new() { Id = id, Title = read.Title ?? name, Text = read.Text, Format = read.Format, Metadata = read.Metadata };
        }
    }

    private bool IsKnown(ReadOnlySpan<char> name)
    {
        string extension = Path.GetExtension(name).ToString();
        return _readers.ContainsKey(extension) || (_options.Media && MediaTypes.ContainsKey(extension));
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
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && IsVisible(ref entry) && IsKnown(entry.FileName),
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
}

/// <summary>What a <see cref="FolderSource"/> reads.</summary>
public sealed class FolderSourceOptions
{
    /// <summary>Largest file in bytes, at least 1; by default 16 MiB. Larger ones are skipped, with a word about it.</summary>
    public long MaxFileBytes { get; set; } = 16 << 20;

    /// <summary>What reads the files; of two that know one ending the later counts. By default <see cref="DocumentReaders.Standard"/>.</summary>
    public IReadOnlyList<IDocumentReader> Readers { get; set; } = DocumentReaders.Standard;

    /// <summary>Whether pictures and sounds are documents too; by default not. See <see cref="DocumentIndexerOptions.MediaGenerator"/>.</summary>
    public bool Media { get; set; }

    /// <summary>A checked copy, so that later changes of the caller's object change nothing.</summary>
    internal FolderSourceOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(Readers);
        return MaxFileBytes >= 1
            ? new() { MaxFileBytes = MaxFileBytes, Readers = [.. Readers], Media = Media }
            : throw new ArgumentOutOfRangeException(nameof(MaxFileBytes), MaxFileBytes, "MaxFileBytes must be at least 1.");
    }
}

/// <summary>A file that was not read.</summary>
/// <param name="Id">Its path below the folder.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedFile(string Id, string Reason);
