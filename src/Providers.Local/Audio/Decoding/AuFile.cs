namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>AU, the sound format of Sun and NeXT.</summary>
/// <remarks>Reference: the manual page audio(5) of SunOS.</remarks>
internal static class AuFile
{
    private const int HeaderBytes = 24;

    /// <summary>Whether a file begins as one of these.</summary>
    public static bool Fits(ReadOnlySpan<byte> start) => start.Length >= 4 && start[..4].SequenceEqual(".snd"u8);

    /// <summary>Reads the header up to the samples.</summary>
    /// <param name="bytes">The file, at its start.</param>
    /// <param name="unread">What the sound is written in when it is nothing that is read here.</param>
    /// <returns>Null when the samples are written in a way that is not read here.</returns>
    public static AudioReader? Open(SoundBytes bytes, out string unread)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (!bytes.TryFill(header))
            throw new InvalidDataException($"AU: the file has fewer than the {HeaderBytes} bytes of a header. It was cut: write it again.");
        uint offset = SoundBytes.UInt32(header[4..], bigEndian: true), size = SoundBytes.UInt32(header[8..], bigEndian: true), encoding = SoundBytes.UInt32(header[12..], bigEndian: true);
        uint channels = SoundBytes.UInt32(header[20..], bigEndian: true);
        if (offset < HeaderBytes || !bytes.Skip(offset - HeaderBytes))
            throw new InvalidDataException($"AU: the samples are said to begin at byte {offset}, which the file does not have. It was cut or damaged: write it again.");
        unread = $"encoding {encoding} of AU";
        SampleFormat? format = encoding switch
        {
            1 => SampleFormat.MuLawFormat,
            >= 2 and <= 5 => SampleFormat.Integer((int)encoding - 1, bigEndian: true),
            6 => SampleFormat.Float(4, bigEndian: true),
            7 => SampleFormat.Float(8, bigEndian: true),
            27 => SampleFormat.ALawFormat,
            _ => null,
        };
        return format is null ? null
            : new PcmReader(bytes, format, SoundBytes.UInt32(header[16..], bigEndian: true), (int)Math.Min(channels, int.MaxValue), size == uint.MaxValue ? ulong.MaxValue : size);
    }
}
