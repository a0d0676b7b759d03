using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>How one sample is written in a file without compression. Integers are divided by 2^(bits − 1), as libsndfile does.</summary>
/// <param name="Bytes">Bytes of a sample.</param>
/// <param name="Decode">Turns bytes into as many floats.</param>
internal sealed record SampleFormat(int Bytes, SampleFormat.Decoder Decode)
{
    /// <summary>Turns encoded samples into floats.</summary>
    public delegate void Decoder(ReadOnlySpan<byte> bytes, Span<float> samples);

    private static readonly float[] ALaw = Table(ALawOf), MuLaw = Table(MuLawOf);

    /// <summary>8 bits around 128, as in WAV.</summary>
    public static SampleFormat Unsigned8 { get; } = new(1, static (bytes, samples) =>
    {
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (bytes[i] - 128) / 128f;
    });

    /// <summary>G.711 A-law.</summary>
    public static SampleFormat ALawFormat { get; } = new(1, static (bytes, samples) => ByTable(ALaw, bytes, samples));

    /// <summary>G.711 µ-law.</summary>
    public static SampleFormat MuLawFormat { get; } = new(1, static (bytes, samples) => ByTable(MuLaw, bytes, samples));

    /// <summary>Signed integers.</summary>
    /// <param name="bytes">Bytes of a sample, 1 to 4. Fewer valid bits are left justified and need no care.</param>
    /// <param name="bigEndian">Whether the first byte is the greatest.</param>
    public static SampleFormat Integer(int bytes, bool bigEndian) => (bytes, bigEndian) switch
    {
        (1, _) => new(1, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = (sbyte)bytes[i] / 128f;
        }),
        (2, false) => new(2, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) / 32768f;
        }),
        (2, true) => new(2, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = BinaryPrimitives.ReadInt16BigEndian(bytes[(2 * i)..]) / 32768f;
        }),
        (3, false) => new(3, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = ((bytes[(3 * i) + 2] << 24) | (bytes[(3 * i) + 1] << 16) | (bytes[3 * i] << 8)) / 2147483648f;
        }),
        (3, true) => new(3, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = ((bytes[3 * i] << 24) | (bytes[(3 * i) + 1] << 16) | (bytes[(3 * i) + 2] << 8)) / 2147483648f;
        }),
        (4, false) => new(4, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]) / 2147483648f;
        }),
        _ => new(4, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(4 * i)..]) / 2147483648f;
        }),
    };

    /// <summary>Floating point numbers.</summary>
    /// <param name="bytes">Bytes of a sample, 4 or 8.</param>
    /// <param name="bigEndian">Whether the first byte is the greatest.</param>
    public static SampleFormat Float(int bytes, bool bigEndian) => (bytes, bigEndian) switch
    {
        (4, false) => new(4, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        }),
        (4, true) => new(4, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = BinaryPrimitives.ReadSingleBigEndian(bytes[(4 * i)..]);
        }),
        (_, false) => new(8, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
        }),
        _ => new(8, static (bytes, samples) =>
        {
            for (int i = 0; i < samples.Length; i++)
                samples[i] = (float)BinaryPrimitives.ReadDoubleBigEndian(bytes[(8 * i)..]);
        }),
    };

    private static void ByTable(float[] table, ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
            samples[i] = table[bytes[i]];
    }

    private static float[] Table(Func<int, int> of) => [.. Enumerable.Range(0, 256).Select(code => of(code) / 32768f)];

    // ITU-T G.711: sign, three bits of exponent, four of mantissa; every second bit is turned.
    private static int ALawOf(int code)
    {
        code ^= 0x55;
        int exponent = (code >> 4) & 7, mantissa = ((code & 15) << 4) + 8;
        int magnitude = exponent == 0 ? mantissa : (mantissa + 256) << (exponent - 1);
        return (code & 128) != 0 ? magnitude : -magnitude;
    }

    // ITU-T G.711: the bits are turned and a bias of 132 is part of the magnitude.
    private static int MuLawOf(int code)
    {
        code = ~code & 255;
        int magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
        return (code & 128) != 0 ? -magnitude : magnitude;
    }
}
