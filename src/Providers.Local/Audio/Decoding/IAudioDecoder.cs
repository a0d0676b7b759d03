namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>Opens sounds. The default is <see cref="AudioDecoder"/>; an adapter to another library is a class of this.</summary>
/// <remarks>Implementations are safe for concurrent use; the readers they open are not.</remarks>
public interface IAudioDecoder
{
    /// <summary>Opens a sound and reads as much of it as tells its rate and channels.</summary>
    /// <param name="stream">The encoded sound, read from where it stands. It stays the caller's and must live as long as the reader. A stream that cannot seek will do.</param>
    /// <returns>A reader at the first sample.</returns>
    /// <exception cref="InvalidDataException">The bytes are damaged, or no sound; the message says what was found.</exception>
    /// <exception cref="NotSupportedException">The format is not read here; the message says what would read it.</exception>
    AudioReader Open(Stream stream);
}
