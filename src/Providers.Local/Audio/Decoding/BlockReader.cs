namespace Polymodal.Providers.Local.Audio.Decoding;

/// <summary>Reads samples that are compressed in blocks of a fixed size, each of which stands for itself.</summary>
internal sealed class BlockReader : AudioReader
{
    private readonly SoundBytes _bytes;
    private readonly AdpcmBlock _format;
    private readonly byte[] _block;
    private readonly short[] _samples;
    private ulong _left;
    private int _next, _ready;

    public BlockReader(SoundBytes bytes, AdpcmBlock format, long samplingRate, ulong length)
        : base(samplingRate, format.Channels)
    {
        _bytes = bytes;
        _format = format;
        _left = length;
        _block = new byte[format.Bytes];
        _samples = new short[format.Frames * format.Channels];
    }

    public override int Read(Span<float> samples)
    {
        int wanted = PcmReader.Frames(samples.Length, Channels) * Channels;
        if (_next == _ready && !ReadBlock())
            return 0;
        int count = Math.Min(wanted, _ready - _next);
        for (int i = 0; i < count; i++)
            samples[i] = _samples[_next + i] / 32768f;
        _next += count;
        return count / Channels;
    }

    // The last block may be short: what is missing counts as zeros, as libsndfile has it.
    private bool ReadBlock()
    {
        _block.AsSpan().Clear();
        int read = _bytes.Read(_block.AsSpan(0, (int)Math.Min(_left, (ulong)_block.Length)));
        if (read < _format.HeaderBytes)
            return false;
        _left -= (ulong)read;
        _format.Decode(_block, _samples);
        _next = 0;
        _ready = _samples.Length;
        return true;
    }
}
