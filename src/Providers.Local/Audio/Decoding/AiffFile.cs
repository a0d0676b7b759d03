using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>AIFF and AIFC.</summary>
/// <remarks>Reference: Apple, Audio Interchange File Format 1.3 and AIFF-C (draft of 1991).</remarks>
internal static class AiffFile
{
    private const int ShortestCommon = 18, LongestCommon = 4_096;

    /// <summary>Whether a file begins as one of these.</summary>
    public static bool Fits(ReadOnlySpan<byte> start) => start.Length >= 12 && start[..4].SequenceEqual("FORM"u8) && SoundBytes.Id(start[8..]) is "AIFF" or "AIFC";

    /// <summary>Reads the header up to the samples.</summary>
    /// <param name="bytes">The file, at its start.</param>
    /// <param name="unread">What the sound is written in when it is nothing that is read here.</param>
    /// <returns>Null when the samples are written in a way that is not read here.</returns>
    public static AudioReader? Open(SoundBytes bytes, out string unread)
    {
        Span<byte> header = stackalloc byte[12];
        bytes.TryFill(header);
        byte[]? common = null;
        (long Position, ulong Length)? sound = null;
        while ((common is null || sound is null) && bytes.TryFill(header[..8]))
        {
            ulong size = SoundBytes.UInt32(header[4..], bigEndian: true), left = size + (size % 2);
            string id = SoundBytes.Id(header);
            if (id == "COMM")
            {
                if (size is < ShortestCommon or > LongestCommon)
                    throw new InvalidDataException($"AIFF: the chunk 'COMM' has {size} bytes; taken are {ShortestCommon} to {LongestCommon:N0}. The file is damaged: write it again.");
                common = new byte[size];
                if (!bytes.TryFill(common))
                    break;
                left -= size;
            }
            else if (id == "SSND" && size >= 8)
            {
                if (!bytes.TryFill(header[..8]))
                    break;
                ulong offset = SoundBytes.UInt32(header, bigEndian: true);
                sound = (bytes.Position + (long)offset, size - 8 > offset ? size - 8 - offset : 0);
                if (common is not null)
                    break;
                left -= 8;
            }

            if (!bytes.Skip(left))
                break;
        }

        if (common is null || sound is not { } place)
            throw new InvalidDataException($"AIFF: the file has no whole chunk '{(common is null ? "COMM" : "SSND")}'. It was cut or damaged: write it again.");
        if (bytes.Position != place.Position && !bytes.Return(place.Position))
            throw new NotSupportedException("AIFF: the samples are not where the file says, or come before their description and the stream cannot go back. Give the sound as a file or as bytes.");
        return Samples(bytes, common, place.Length, out unread);
    }

    private static PcmReader? Samples(SoundBytes bytes, byte[] common, ulong length, out string unread)
    {
        int channels = BinaryPrimitives.ReadInt16BigEndian(common), bits = BinaryPrimitives.ReadInt16BigEndian(common.AsSpan(6));
        ulong frames = SoundBytes.UInt32(common.AsSpan(2), bigEndian: true);
        string type = common.Length >= 22 ? SoundBytes.Id(common.AsSpan(18, 4)) : "NONE";
        unread = $"the kind '{type}' of AIFC";
        int container = bits is >= 1 and <= 32 ? (bits + 7) / 8
            : throw new InvalidDataException($"AIFF: samples of {bits} bits are not read; read are 1 to 32. Write the file again with one of them.");
        SampleFormat? format = type switch
        {
            "NONE" or "twos" => SampleFormat.Integer(container, bigEndian: true),
            "sowt" => SampleFormat.Integer(container, bigEndian: false),
            "in24" => SampleFormat.Integer(3, bigEndian: true),
            "in32" => SampleFormat.Integer(4, bigEndian: true),
            "raw " => SampleFormat.Unsigned8,
            "fl32" or "FL32" => SampleFormat.Float(4, bigEndian: true),
            "fl64" or "FL64" => SampleFormat.Float(8, bigEndian: true),
            "ulaw" or "ULAW" => SampleFormat.MuLawFormat,
            "alaw" or "ALAW" => SampleFormat.ALawFormat,
            _ => null,
        };
        return format is null ? null : new PcmReader(bytes, format, Rate(common.AsSpan(8)), channels, Math.Min(length, frames * (ulong)(Math.Max(channels, 0) * format.Bytes)));
    }

    // 80 bits: sign, 15 of exponent, 64 of mantissa, the first of which is the one before the point.
    private static long Rate(ReadOnlySpan<byte> bytes)
    {
        int exponent = BinaryPrimitives.ReadInt16BigEndian(bytes);
        double rate = Math.ScaleB(BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]), exponent - 16383 - 63);
        return exponent < 0 || !(rate < int.MaxValue) ? 0 : (long)Math.Round(rate);
    }
}
