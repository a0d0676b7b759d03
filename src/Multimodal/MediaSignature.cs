namespace Polymodal.Multimodal;

/// <summary>Media types told by a file's first bytes.</summary>
internal static class MediaSignature
{
    /// <summary>What a file is called whose ending says nothing.</summary>
    public const string Unknown = "application/octet-stream";

    private static readonly (string MediaType, int At, byte[] Bytes)[] Known =
    [
        ("image/png", 0, [0x89, .. "PNG"u8]),
        ("image/jpeg", 0, [0xFF, 0xD8, 0xFF]),
        ("image/gif", 0, [.. "GIF8"u8]),
        ("image/webp", 8, [.. "WEBP"u8]),
        ("image/tiff", 0, [.. "II*\0"u8]),
        ("image/tiff", 0, [.. "MM\0*"u8]),
        ("image/avif", 4, [.. "ftypavif"u8]),
        ("image/bmp", 0, [.. "BM"u8]),
        ("audio/wav", 8, [.. "WAVE"u8]),
        ("audio/aiff", 8, [.. "AIF"u8]),
        ("audio/basic", 0, [.. ".snd"u8]),
        ("audio/flac", 0, [.. "fLaC"u8]),
        ("audio/ogg", 0, [.. "OggS"u8]),
        ("audio/mpeg", 0, [.. "ID3"u8]),
        ("audio/mpeg", 0, [0xFF, 0xFB]),
        ("audio/mp4", 4, [.. "ftypM4A"u8]),
        ("video/mp4", 4, [.. "ftyp"u8]),
        ("video/webm", 0, [0x1A, 0x45, 0xDF, 0xA3]),
    ];

    /// <summary>The media type of a file, or null when its bytes are not known.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="kind">How the media type must begin, e.g. <c>image/</c>.</param>
    public static string? Of(ReadOnlySpan<byte> file, string kind)
    {
        foreach ((string mediaType, int at, byte[] bytes) in Known)
        {
            if (mediaType.StartsWith(kind, StringComparison.Ordinal) && file.Length >= at + bytes.Length && file[at..].StartsWith(bytes))
                return mediaType;
        }

        return null;
    }
}
