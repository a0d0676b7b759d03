using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>
/// An input of any medium. Texts (<see cref="string"/>), pictures and sounds (<see cref="DataContent"/>), any <see cref="AIContent"/> and files
/// (<see cref="FileInfo"/>) become one by themselves, so that a mixed list is written as <c>["a sunset", new FileInfo("sunset.jpg")]</c>.
/// </summary>
/// <remarks>Immutable as long as its content is. A file is read when the input is embedded.</remarks>
public sealed class MultimodalInput
{
    private readonly AIContent? _content;
    private readonly string? _path;
    private readonly string? _mediaType;

    private MultimodalInput(AIContent? content, string? path = null, string? mediaType = null) => (_content, _path, _mediaType) = (content, path, mediaType);

    // Null stays null, as the conversion of a class does; whoever gets it names its place.

    /// <summary>A text; it is never taken for the name of a file.</summary>
    /// <param name="text">Empty text is allowed.</param>
    public static implicit operator MultimodalInput(string text) => text is null ? null! : new(new TextContent(text));

    /// <summary>A text, a picture, a sound, or an item of several parts.</summary>
    /// <param name="content">A <see cref="TextContent"/>, <see cref="DataContent"/> or <see cref="CompositeContent"/>.</param>
    public static implicit operator MultimodalInput(AIContent content) => content is null ? null! : new(content);

    /// <summary>A file.</summary>
    /// <param name="file">Its media type is told by the name's ending, else by its first bytes.</param>
    public static implicit operator MultimodalInput(FileInfo file) => file is null ? null! : new(null, file.FullName);

    /// <summary>A file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="mediaType">E.g. <c>image/png</c>; null to tell it by the name's ending, else by the first bytes.</param>
    /// <exception cref="ArgumentException">The path is blank.</exception>
    public static MultimodalInput File(string path, string? mediaType = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new(null, path, mediaType);
    }

    /// <summary>A picture.</summary>
    /// <param name="file">A file's bytes.</param>
    public static MultimodalInput Picture(ReadOnlyMemory<byte> file) => new(new DataContent(file, MediaSignature.Of(file.Span, "image/") ?? "image/*"));

    /// <summary>A sound.</summary>
    /// <param name="file">A file's bytes.</param>
    public static MultimodalInput Sound(ReadOnlyMemory<byte> file) => new(new DataContent(file, MediaSignature.Of(file.Span, "audio/") ?? "audio/*"));

    /// <summary>The content; a file is read.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal async ValueTask<AIContent> ReadAsync(CancellationToken cancellationToken)
    {
        if (_content is not null)
            return _content;

        // The ending decides; what has none that is known is told by its bytes.
        DataContent file = await DataContent.LoadFromAsync(_path!, _mediaType, cancellationToken).ConfigureAwait(false);
        return file.MediaType == MediaSignature.Unknown && MediaSignature.Of(file.Data.Span, "") is { } found ? new DataContent(file.Data, found) { Name = file.Name } : file;
    }
}
