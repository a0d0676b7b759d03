using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>WAV: RIFF, RIFX (big endian), RF64 and BW64, as they are found, with sizes that a writer to a pipe could not fill in.</summary>
/// <remarks>Reference: Multimedia Programming Interface 1.0 and its Revision 3 (Microsoft), EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64).</remarks>
internal static class WaveFile
{
    private const int Pcm = 1, MsAdpcm = 2, IeeeFloat = 3, ALaw = 6, MuLaw = 7, ImaAdpcm = 0x11, Extensible = 0xFFFE;
    private const int ShortestFormat = 16, LongestFormat = 4_096, ExtensibleFormat = 40;

    /// <summary>Whether a file begins as one of these.</summary>
    public static bool Fits(ReadOnlySpan<byte> start) =>
        start.Length >= 12 && start[8..12].SequenceEqual("WAVE"u8) && SoundBytes.Id(start) is "RIFF" or "RIFX" or "RF64" or "BW64";

    /// <summary>Reads the header up to the samples.</summary>
    /// <param name="bytes">The file, at its start.</param>
    /// <param name="unread">What the sound is written in when it is nothing that is read here.</param>
    /// <returns>Null when the samples are written in a way that is not read here.</returns>
    public static AudioReader? Open(SoundBytes bytes, out string unread)
    {
        Span<byte> header = stackalloc byte[16];
        bytes.TryFill(header[..12]);
        bool isBig = header[..4].SequenceEqual("RIFX"u8), isPadded = false;
        ulong? longData = null;
        byte[]? format = null;
        while (NextChunk(bytes, header[..8], isPadded))
        {
            string id = SoundBytes.Id(header);
            ulong size = SoundBytes.UInt32(header[4..], isBig);
            if (id == "data")
            {
                if (size != uint.MaxValue)
                    size = LastData(bytes, size, isBig);
                return Samples(bytes, format, isBig, size != uint.MaxValue ? size : longData ?? ulong.MaxValue, out unread);
            }

            isPadded = size % 2 != 0;
            if (id == "ds64" && size >= 16)
            {
                if (!bytes.TryFill(header))
                    break;
                longData = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
                size -= 16;
            }
            else if (id == "fmt ")
            {
                if (size is < ShortestFormat or > LongestFormat)
                    throw new InvalidDataException($"WAV: the chunk 'fmt ' has {size} bytes; taken are {ShortestFormat} to {LongestFormat:N0}. The file is damaged: write it again.");
                format = new byte[size];
                if (!bytes.TryFill(format))
                    break;
                size = 0;
            }

            if (!bytes.Skip(size))
                break;
        }

        throw new InvalidDataException($"WAV: the file ends {(format is null ? "before a whole chunk 'fmt '" : "without a chunk 'data'")}. It was cut or damaged: write it again.");
    }

    // Of several chunks 'data' the last counts, as for ffmpeg. A stream that cannot go back stands at the first and stays there.
    private static ulong LastData(SoundBytes bytes, ulong size, bool isBig)
    {
        const int mostChunks = 1_000;
        if (!bytes.CanGoBack || size == 0)
            return size;
        long place = bytes.Position;
        ulong next = size;
        Span<byte> header = stackalloc byte[8];
        for (int chunk = 0; chunk < mostChunks && bytes.Skip(next) && NextChunk(bytes, header, isPadded: next % 2 != 0); chunk++)
        {
            next = SoundBytes.UInt32(header[4..], isBig);
            long start = bytes.Position;
            if (SoundBytes.Id(header) != "data" || next == 0 || !bytes.Skip(next))
                continue;
            bytes.Return(start);
            (place, size) = (start, next);
        }

        bytes.Return(place);
        return size;
    }

    // A chunk of odd length is followed by a zero, which some writers forget.
    private static bool NextChunk(SoundBytes bytes, Span<byte> header, bool isPadded)
    {
        if (!isPadded)
            return bytes.TryFill(header);
        if (!bytes.TryFill(header[..1]))
            return false;
        return header[0] == 0 ? bytes.TryFill(header) : bytes.TryFill(header[1..]);
    }

    private static AudioReader? Samples(SoundBytes bytes, byte[]? format, bool isBig, ulong length, out string unread)
    {
        if (format is null)
            throw new InvalidDataException("WAV: the chunk 'data' comes before 'fmt '. The file is damaged: write it again.");
        int tag = SoundBytes.UInt16(format, isBig), channels = SoundBytes.UInt16(format.AsSpan(2), isBig);
        long rate = SoundBytes.UInt32(format.AsSpan(4), isBig);
        int block = SoundBytes.UInt16(format.AsSpan(12), isBig), bits = SoundBytes.UInt16(format.AsSpan(14), isBig);
        if (tag == Extensible)
            tag = SubFormat(format, isBig);
        unread = $"format tag 0x{tag:X4} of WAV";
        AdpcmBlock? adpcm = tag switch
        {
            ImaAdpcm => new ImaAdpcmBlock(channels, block),
            MsAdpcm => new MicrosoftAdpcmBlock(channels, block, Coefficients(format, isBig)),
            _ => null,
        };
        if (adpcm is not null)
        {
            if (channels is 0 or > AudioReader.MostChannels || block <= adpcm.HeaderBytes)
                throw new InvalidDataException($"WAV: blocks of {block} bytes for {channels} channels hold no samples of ADPCM. The header is damaged: write the file again.");
            return new BlockReader(bytes, adpcm, rate, length);
        }

        return FormatOf(tag, Container(channels, block, bits), bits, isBig) is { } samples ? new PcmReader(bytes, samples, rate, channels, length) : null;
    }

    private static SampleFormat? FormatOf(int tag, int container, int bits, bool isBig) => tag switch
    {
        Pcm when bits == 0 || container is < 1 or > 4 => throw new InvalidDataException($"WAV: samples of {bits} bits are not read; read are 1 to 32. Write the file again with one of them."),
        Pcm when container == 1 => SampleFormat.Unsigned8,
        Pcm => SampleFormat.Integer(container, isBig),
        IeeeFloat when container is 4 or 8 => SampleFormat.Float(container, isBig),
        IeeeFloat => throw new InvalidDataException($"WAV: floating point samples of {bits} bits are not read; read are 32 and 64. Write the file again with one of them."),
        ALaw => SampleFormat.ALawFormat,
        MuLaw => SampleFormat.MuLawFormat,
        _ => null,
    };

    // What a sample takes up: what the block says where it can be right, else what the bits need.
    private static int Container(int channels, int block, int bits) =>
        channels > 0 && block > 0 && block % channels == 0 && block / channels * 8 >= bits && block / channels <= 8 ? block / channels : (bits + 7) / 8;

    private static int SubFormat(byte[] format, bool isBig)
    {
        // The GUID of a tag is the tag and an end that is the same for all.
        ReadOnlySpan<byte> end = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
        if (format.Length < ExtensibleFormat)
            throw new InvalidDataException($"WAV: an extensible 'fmt ' has {format.Length} bytes; it needs {ExtensibleFormat}. The file is damaged: write it again.");
        return isBig || format.AsSpan(26, 14).SequenceEqual(end) ? SoundBytes.UInt16(format.AsSpan(24), isBig)
            : throw new InvalidDataException("WAV: the extensible 'fmt ' names a format that is not registered. Write the file again as PCM.");
    }

    private static short[] Coefficients(byte[] format, bool isBig)
    {
        const int first = 22;
        int pairs = format.Length >= first ? SoundBytes.UInt16(format.AsSpan(first - 2), isBig) : 0;
        if (pairs == 0 || format.Length < first + (4 * pairs))
            return MicrosoftAdpcmBlock.StandardCoefficients;
        short[] coefficients = new short[2 * pairs];
        for (int i = 0; i < coefficients.Length; i++)
            coefficients[i] = (short)SoundBytes.UInt16(format.AsSpan(first + (2 * i)), isBig);
        return coefficients;
    }
}
