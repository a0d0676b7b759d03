using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>A kind of ADPCM as WAV files hold it: four bits a sample, each a step from the samples before.</summary>
/// <param name="channels">Number of channels.</param>
/// <param name="bytes">Bytes of a block.</param>
internal abstract class AdpcmBlock(int channels, int bytes)
{
    public int Channels { get; } = channels;

    public int Bytes { get; } = bytes;

    /// <summary>Bytes before the first step.</summary>
    public abstract int HeaderBytes { get; }

    /// <summary>Samples of each channel in a block.</summary>
    public abstract int Frames { get; }

    /// <summary>Decodes a block.</summary>
    /// <param name="block">Its bytes.</param>
    /// <param name="samples">Receives [frame, channel].</param>
    public abstract void Decode(ReadOnlySpan<byte> block, Span<short> samples);

    protected static short Clamp(int value) => (short)Math.Clamp(value, short.MinValue, short.MaxValue);
}

/// <summary>IMA ADPCM (format tag 0x11): a table of steps, and how far each code moves along it.</summary>
/// <remarks>Reference: IMA Digital Audio Focus and Technical Working Groups, Recommended Practices, 1992; the rounding is libsndfile's.</remarks>
internal sealed class ImaAdpcmBlock(int channels, int bytes) : AdpcmBlock(channels, bytes)
{
    private static readonly int[] Steps =
    [
        7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371,
        408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845,
        8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
    ];

    private static readonly int[] Moves = [-1, -1, -1, -1, 2, 4, 6, 8];

    public override int HeaderBytes => 4 * Channels;

    public override int Frames => ((Bytes - HeaderBytes) / HeaderBytes * 8) + 1;

    public override void Decode(ReadOnlySpan<byte> block, Span<short> samples)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            int value = BinaryPrimitives.ReadInt16LittleEndian(block[(4 * channel)..]);
            int step = Math.Clamp((int)block[(4 * channel) + 2], 0, Steps.Length - 1);
            samples[channel] = (short)value;
            for (int frame = 1; frame < Frames; frame++)
            {
                // Eight steps of a channel stand together in four bytes, the low half first.
                int place = frame - 1;
                int codes = block[HeaderBytes + (((place / 8 * Channels) + channel) * 4) + (place % 8 / 2)];
                int code = (place & 1) == 0 ? codes & 15 : codes >> 4;
                int size = Steps[step];
                int difference = (size >> 3) + ((code & 1) != 0 ? size >> 2 : 0) + ((code & 2) != 0 ? size >> 1 : 0) + ((code & 4) != 0 ? size : 0);
                value = Clamp((code & 8) != 0 ? value - difference : value + difference);
                step = Math.Clamp(step + Moves[code & 7], 0, Steps.Length - 1);
                samples[(frame * Channels) + channel] = (short)value;
            }
        }
    }
}

/// <summary>Microsoft ADPCM (format tag 2): a prediction from two samples, with one of several pairs of coefficients a block.</summary>
/// <remarks>Reference: Microsoft Multimedia Standards Update, 1994; the rounding is libsndfile's.</remarks>
internal sealed class MicrosoftAdpcmBlock(int channels, int bytes, short[] coefficients) : AdpcmBlock(channels, bytes)
{
    /// <summary>The pairs that every file has.</summary>
    public static readonly short[] StandardCoefficients = [256, 0, 512, -256, 0, 0, 192, 64, 240, 0, 460, -208, 392, -232];

    private static readonly int[] Adaptation = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];

    public override int HeaderBytes => 7 * Channels;

    public override int Frames => ((Bytes - HeaderBytes) * 2 / Channels) + 2;

    public override void Decode(ReadOnlySpan<byte> block, Span<short> samples)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            int pair = 2 * block[channel];
            if (pair + 1 >= coefficients.Length)
                throw new InvalidDataException($"a block of the sound asks for pair {block[channel]} of coefficients; there are {coefficients.Length / 2}. The file is damaged here: write it again.");
            int delta = Word(block, channel, 1), newer = Word(block, channel, 3), older = Word(block, channel, 5);
            samples[channel] = (short)older;
            samples[Channels + channel] = (short)newer;
            for (int frame = 2; frame < Frames; frame++)
            {
                int place = ((frame - 2) * Channels) + channel;
                int codes = block[HeaderBytes + (place / 2)];
                int code = (place & 1) == 0 ? codes >> 4 : codes & 15;
                int value = Clamp((((newer * coefficients[pair]) + (older * coefficients[pair + 1])) >> 8) + ((code >= 8 ? code - 16 : code) * delta));
                delta = Math.Max(16, (Adaptation[code] * delta) >> 8);
                (older, newer) = (newer, value);
                samples[(frame * Channels) + channel] = (short)value;
            }
        }
    }

    // The header has each field of all channels, then the next field: pair (a byte), delta, newer sample, older sample.
    private int Word(ReadOnlySpan<byte> block, int channel, int field) => BinaryPrimitives.ReadInt16LittleEndian(block[((field * Channels) + (2 * channel))..]);
}
