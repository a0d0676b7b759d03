using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Ffmpeg;

namespace Polymodal.Providers.Local.Images;

/// <summary>Pictures out of films at regular times, by the <c>ffmpeg</c> program: MP4, MOV, Matroska, WebM, AVI, MPEG and what else it reads.</summary>
/// <remarks>
/// The picture at a time is the one shown then: the last whose own time is not later. There is one at 0, at the interval, at twice the interval, as long as the film lasts; memory holds
/// one of them. Safe for concurrent use. <c>ffmpeg</c> gets the bytes through a pipe, may open no other file and no address, and no shell is involved. It keeps what it has read in a
/// temporary file of its own, so that films whose index stands at the end are read too: the folder for temporary files needs room for the film. A film that was cut short gives the
/// pictures that are there.
/// </remarks>
public static class FilmFrames
{
    /// <summary>Samples a film in memory.</summary>
    /// <param name="film">The file's bytes, or a <c>data:</c> URI. What it is, is told by its bytes; the media type is not looked at.</param>
    /// <param name="options">Which frames, and limits; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the reading and the program.</param>
    /// <returns>The frames in order, at least one, each decoded shortly before it is asked for. Leaving the loop ends the program.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="film"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">It is no film, has no video track, is damaged, or exceeds a limit; the message says which.</exception>
    /// <exception cref="NotSupportedException">There is no ffmpeg, or it cannot be started; the message says how to get it.</exception>
    public static IAsyncEnumerable<FilmFrame> SampleAsync(DataContent film, FilmFrameOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(film);
        return ReadAsync(() => OverMemory(film.Data), isOwn: true, Validated(options), cancellationToken);
    }

    /// <summary>Samples a film while it is read.</summary>
    /// <param name="film">The file's bytes, read from where the stream stands; it stays the caller's and need not seek.</param>
    /// <param name="options">As for <see cref="SampleAsync(DataContent, FilmFrameOptions, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>The frames in order. The sequence can be gone through once.</returns>
    /// <inheritdoc cref="SampleAsync(DataContent, FilmFrameOptions, CancellationToken)" path="/exception"/>
    public static IAsyncEnumerable<FilmFrame> SampleAsync(Stream film, FilmFrameOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(film);
        return ReadAsync(() => film, isOwn: false, Validated(options), cancellationToken);
    }

    /// <summary>Samples a film in a file.</summary>
    /// <param name="film">The file.</param>
    /// <param name="options">As for <see cref="SampleAsync(DataContent, FilmFrameOptions, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>The frames in order.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <inheritdoc cref="SampleAsync(DataContent, FilmFrameOptions, CancellationToken)" path="/exception"/>
    public static IAsyncEnumerable<FilmFrame> SampleAsync(FileInfo film, FilmFrameOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(film);
        return ReadAsync(film.OpenRead, isOwn: true, Validated(options), cancellationToken);
    }

    private static FilmFrameOptions Validated(FilmFrameOptions? options) => (options ?? new()).Validated();

    private static MemoryStream OverMemory(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment)
        ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    private static async IAsyncEnumerable<FilmFrame> ReadAsync(Func<Stream> open, bool isOwn, FilmFrameOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string program = FfmpegProgram.Find(options.FfmpegPath) ?? throw new NotSupportedException(
            "films are read by the program ffmpeg, which was not found. Install ffmpeg so that it is on PATH, or set FilmFrameOptions.FfmpegPath.");
        Stream film = open();
        try
        {
            using var reader = new FilmReader(program, film, options);
            // Disposed before the reader is.
            using CancellationTokenRegistration stop = cancellationToken.Register(reader.Stop);
            while (await NextAsync(reader, cancellationToken).ConfigureAwait(false) is { } frame)
                yield return frame;
        }
        finally
        {
            if (isOwn)
                await film.DisposeAsync().ConfigureAwait(false);
        }
    }

    // What an ended program leaves behind is no fault of the film.
    private static async Task<FilmFrame?> NextAsync(FilmReader reader, CancellationToken cancellationToken)
    {
        try
        {
            FilmFrame? frame = await Task.Run(reader.Next, CancellationToken.None).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return frame;
        }
        catch (Exception exception) when (exception is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
