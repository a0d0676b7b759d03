namespace Polymodal.Providers.Local.Images;

/// <summary>Undoes the compression of a GIF's pixels (LZW with codes of growing length).</summary>
internal static class GifCodes
{
    private const int MostCodes = 4096;

    /// <summary>Decodes the pixels of a frame.</summary>
    /// <param name="data">The file.</param>
    /// <param name="body">Where the frame's code size stands; blocks follow.</param>
    /// <param name="count">How many pixels.</param>
    /// <exception cref="InvalidDataException">The codes end early or make no sense.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> data, int body, int count)
    {
        int codeSize = data[body];
        if (codeSize is < 1 or > 11)
            throw new InvalidDataException($"the GIF picture has codes of {codeSize} bits; known: 1 to 11. It is damaged.");
        int clear = 1 << codeSize, end = clear + 1, next = end + 1, bits = codeSize + 1, previous = -1;
        Span<short> prefix = stackalloc short[MostCodes];
        Span<byte> suffix = stackalloc byte[MostCodes], first = stackalloc byte[MostCodes], stack = stackalloc byte[MostCodes + 1];
        for (int code = 0; code < clear && code < MostCodes; code++)
            (prefix[code], suffix[code], first[code]) = (-1, (byte)code, (byte)code);

        // The pixels a file can have are limited by its length, so that a header alone does not take memory.
        long most = Math.Min(count, (data.Length - body) * (long)MostCodes * 8 / bits);
        if (most < count)
            throw Early();
        byte[] pixels = new byte[count];
        int filled = 0, held = 0, heldBits = 0, at = body + 1, blockEnd = at;
        while (filled < count)
        {
            while (heldBits < bits)
            {
                if (at == blockEnd)
                {
                    if (at >= data.Length || data[at] == 0)
                        throw Early();
                    blockEnd = at + 1 + data[at];
                    at++;
                }

                if (at >= data.Length)
                    throw Early();
                held |= data[at++] << heldBits;
                heldBits += 8;
            }

            int code = held & ((1 << bits) - 1);
            held >>= bits;
            heldBits -= bits;
            if (code == clear)
            {
                (next, bits, previous) = (end + 1, codeSize + 1, -1);
                continue;
            }

            if (code == end)
                throw Early();
            if (code > next || (code == next && previous < 0) || (previous < 0 && code > end))
                throw new InvalidDataException("the GIF picture has a code that stands for nothing. It is damaged.");

            int depth = 0, walk = code;
            if (code == next)
            {
                stack[depth++] = first[previous];
                walk = previous;
            }

            for (; walk >= 0; walk = prefix[walk])
                stack[depth++] = suffix[walk];
            byte start = stack[depth - 1];
            while (depth > 0 && filled < count)
                pixels[filled++] = stack[--depth];
            if (previous >= 0 && next < MostCodes)
            {
                (prefix[next], suffix[next], first[next]) = ((short)previous, start, first[previous]);
                next++;
                if (next == 1 << bits && bits < 12)
                    bits++;
            }

            previous = code;
        }

        return pixels;
    }

    private static InvalidDataException Early() => new("the GIF picture ends early. It was cut; fetch it again.");
}
