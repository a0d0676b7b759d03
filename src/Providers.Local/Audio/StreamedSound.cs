using Polymodal.Providers.Local.Audio.Decoding;

namespace Polymodal.Providers.Local.Audio;

/// <summary>A sound that can be read but once, as a source that is opened twice: what the first opening reads, to see whether there is more than a window, the second gives again.</summary>
/// <remarks>Openings may be on different threads, one after the other. Disposing ends a reading under way with <see cref="ObjectDisposedException"/>.</remarks>
internal sealed class StreamedSound : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Func<IAudioDecoder, AudioReader> _open;
    private readonly bool _owns;
    private AudioReader? _reader;
    private float[] _kept = [];
    private int _count;
    private bool _disposed;

    private StreamedSound(Func<IAudioDecoder, AudioReader> open, bool owns) => (_open, _owns) = (open, owns);

    /// <summary>What the engine takes.</summary>
    public SoundSource Source => new(Open, double.PositiveInfinity);

    public static StreamedSound Of(Stream stream) => new(decoder => decoder.Open(stream), owns: true);

    public static StreamedSound Of(AudioReader reader) => new(_ => reader, owns: false);

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            if (_owns)
                _reader?.Dispose();
        }
    }

    private View Open(IAudioDecoder decoder)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            bool isFirst = _reader is null;
            _reader ??= _open(decoder);
            return new View(this, _reader, keeps: isFirst);
        }
    }

    private sealed class View(StreamedSound sound, AudioReader reader, bool keeps) : AudioReader(reader.SamplingRate, reader.Channels)
    {
        private int _given;

        public override int Read(Span<float> samples)
        {
            lock (sound._lock)
            {
                ObjectDisposedException.ThrowIf(sound._disposed, sound);
                int again = Math.Min(sound._count - _given, samples.Length / Channels * Channels);
                if (again > 0)
                {
                    sound._kept.AsSpan(_given, again).CopyTo(samples);
                    _given += again;
                    return again / Channels;
                }

                int frames = reader.Read(samples);
                if (keeps)
                    Keep(samples[..(frames * Channels)]);
                return frames;
            }
        }

        private void Keep(ReadOnlySpan<float> samples)
        {
            if (sound._kept.Length - sound._count < samples.Length)
                Array.Resize(ref sound._kept, Math.Max(2 * sound._kept.Length, sound._count + samples.Length));
            samples.CopyTo(sound._kept.AsSpan(sound._count));
            sound._count += samples.Length;
            _given = sound._count;
        }
    }
}
