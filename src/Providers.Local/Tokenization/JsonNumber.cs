using System.Globalization;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Reads a JSON number as the reference's parser does: its digits as one whole number, then one multiplication or division by a power of
/// ten. That is sometimes not the nearest <see cref="double"/>, and where two cuts of a text have all but equal scores, the last bit decides.
/// </summary>
/// <remarks>Reference: the crate serde_json in its default configuration, without <c>float_roundtrip</c>.</remarks>
internal static class JsonNumber
{
    private static readonly double[] PowersOfTen = [.. Enumerable.Range(0, 309).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    /// <summary>Reads a number.</summary>
    /// <param name="utf8">A number as JSON allows it.</param>
    /// <returns>Its value; infinity when it is too large.</returns>
    public static double Read(ReadOnlySpan<byte> utf8)
    {
        bool isNegative = utf8[0] == '-';
        int index = isNegative ? 1 : 0, exponent = 0;
        ulong digits = 0;
        bool isFull = false, isFraction = false;
        for (; index < utf8.Length && (utf8[index] == '.' || char.IsAsciiDigit((char)utf8[index])); index++)
        {
            if (utf8[index] == '.')
            {
                isFraction = true;
                continue;
            }

            uint digit = (uint)(utf8[index] - '0');
            isFull |= digits > (ulong.MaxValue - digit) / 10;
            if (!isFull)
                digits = (digits * 10) + digit;
            exponent += isFull == isFraction ? 0 : isFull ? 1 : -1;
        }

        if (index < utf8.Length)
            exponent = WithExponent(exponent, utf8[(index + 1)..]);
        double value = Scaled(digits, exponent);
        return isNegative ? -value : value;
    }

    private static double Scaled(double value, int exponent)
    {
        for (; exponent < 1 - PowersOfTen.Length && value != 0; exponent += PowersOfTen.Length - 1)
            value /= PowersOfTen[^1];
        if (value == 0)
            return value;
        return exponent >= PowersOfTen.Length ? double.PositiveInfinity : exponent >= 0 ? value * PowersOfTen[exponent] : value / PowersOfTen[-exponent];
    }

    private static int WithExponent(int exponent, ReadOnlySpan<byte> written)
    {
        bool isNegative = written[0] == '-';
        long power = 0;
        foreach (byte digit in isNegative || written[0] == '+' ? written[1..] : written)
            power = Math.Min((power * 10) + digit - '0', int.MaxValue / 2);
        return (int)Math.Clamp(exponent + (isNegative ? -power : power), int.MinValue / 2, int.MaxValue / 2);
    }
}
