namespace Polymodal.Evaluation.Parity.Audio;

/// <summary>What numpy's old global generator draws after <c>numpy.random.seed</c>: the lots of recorded cases.</summary>
/// <remarks>Reference: Matsumoto and Nishimura, 1998 (MT19937); numpy 2.4, random/mtrand: whole numbers by masking and trying again.</remarks>
internal sealed class NumpyRandom
{
    private const int Size = 624, Shift = 397;
    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    public NumpyRandom(uint seed)
    {
        for (int i = 0; i < Size; i++)
        {
            _state[i] = seed;
            seed = (1812433253 * (seed ^ (seed >> 30))) + (uint)i + 1;
        }
    }

    /// <summary>A whole number from 0 to below a bound.</summary>
    public int Below(int bound)
    {
        uint most = (uint)bound - 1, mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(most);
        if (most == 0)
            return 0;
        uint value;
        do
            value = Next() & mask;
        while (value > most);
        return (int)value;
    }

    private uint Next()
    {
        if (_next == Size)
            Turn();
        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    private void Turn()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7FFFFFFF);
            _state[i] = _state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DF);
        }

        _next = 0;
    }
}
