using System.Numerics.Tensors;
using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Audio.Signal;

namespace Polymodal.Providers.Local.Audio;

/// <summary>A sound as windows of mono samples at a model's rate, read as they are asked for.</summary>
/// <remarks>Mono is the mean of all channels, taken before resampling, as librosa does. Not safe for concurrent use.</remarks>
internal sealed class SoundWindows
{
    private const int BlockSamples = 8_192, MostResampled = 65_536;
    private readonly AudioReader _reader;
    private readonly Resampler _resampler;
    private readonly WindowPlan _plan;
    private readonly float[] _interleaved, _mono, _resampled;
    private float[] _samples = new float[16_384];
    private int _count;
    private long _start, _read;
    private bool _ended;

    /// <summary>Begins at the reader's next sample.</summary>
    /// <param name="reader">The sound; it stays the caller's.</param>
    /// <param name="samplingRate">The model's rate, in Hz.</param>
    /// <param name="plan">How it is cut.</param>
    public SoundWindows(AudioReader reader, int samplingRate, WindowPlan plan)
    {
        _reader = reader;
        _plan = plan;
        _resampler = new Resampler(reader.SamplingRate, samplingRate);
        // Sounds of many channels, or of a rate that is raised much, are read in smaller blocks.
        int frames = (int)Math.Clamp((long)MostResampled * reader.SamplingRate / samplingRate, 1, Math.Max(1, BlockSamples / reader.Channels));
        _interleaved = new float[frames * reader.Channels];
        _mono = new float[frames];
        _resampled = new float[_resampler.MostOutput(frames)];
    }

    /// <summary>Reads the next window.</summary>
    /// <param name="window">Its samples, which are the caller's, and where they begin.</param>
    /// <returns>False when the sound has no more. A sound without samples has one window without samples.</returns>
    /// <exception cref="InvalidDataException">The sound is damaged, or holds a number that is not finite.</exception>
    public bool TryNext(out SoundWindow window)
    {
        Fill(_plan.Size);
        bool isFirst = _start == 0;
        int length = Math.Min(_count, _plan.Size);
        // A rest too short to count is left out; with windows that overlap, so is one that has been heard already.
        if (!isFirst && length < Math.Max(1, Math.Max(_plan.LeastOfLast, _plan.Size - _plan.Step + 1)))
        {
            window = default;
            return false;
        }

        window = new SoundWindow(_samples.AsSpan(0, length).ToArray(), _start);
        Advance(Math.Min(_plan.Step, _count));
        // An empty sound has one window.
        _start = Math.Max(1, _start);
        return true;
    }

    /// <summary>The next samples, up to a window's length, without passing over them.</summary>
    public SoundWindow Peek()
    {
        Fill(_plan.Size);
        return new SoundWindow(_samples.AsSpan(0, Math.Min(_count, _plan.Size)).ToArray(), _start);
    }

    /// <summary>Whether samples are left.</summary>
    public bool HasMore()
    {
        Fill(1);
        return _count > 0;
    }

    /// <summary>Passes over samples that were peeked at.</summary>
    public void Advance(int samples)
    {
        _samples.AsSpan(samples, _count - samples).CopyTo(_samples);
        _count -= samples;
        _start += samples;
    }

    private void Fill(int wanted)
    {
        while (_count < wanted && !_ended)
        {
            int frames = _reader.Read(_interleaved);
            int written = 0;
            if (frames > 0)
            {
                ToMono(frames);
                written = _resampler.Push(_mono.AsSpan(0, frames), _resampled);
                _read += frames;
            }
            else
            {
                _ended = true;
                written = _resampler.Finish(_resampled);
            }

            if (_samples.Length - _count < written)
                Array.Resize(ref _samples, Math.Max(_samples.Length * 2, _count + written));
            _resampled.AsSpan(0, written).CopyTo(_samples.AsSpan(_count));
            _count += written;
        }
    }

    private void ToMono(int frames)
    {
        int channels = _reader.Channels;
        Span<float> mono = _mono.AsSpan(0, frames);
        if (channels == 1)
        {
            _interleaved.AsSpan(0, frames).CopyTo(mono);
        }
        else
        {
            for (int frame = 0; frame < frames; frame++)
                mono[frame] = Sum(_interleaved.AsSpan(frame * channels, channels)) / channels;
        }

        if (float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(mono)))
            return;
        for (int frame = 0; frame < frames; frame++)
        {
            if (!float.IsFinite(mono[frame]))
            {
                throw new InvalidDataException(FormattableString.Invariant(
                    $"the sound holds {mono[frame]} {(double)(_read + frame) / _reader.SamplingRate:0.###} s after its start. Write it again without numbers that are not finite."));
            }
        }
    }

    // In order, as the reference adds up: rounding must be the same.
    private static float Sum(ReadOnlySpan<float> channels)
    {
        float sum = 0;
        foreach (float channel in channels)
            sum += channel;
        return sum;
    }
}

/// <summary>How sounds are cut into windows, in samples at the model's rate.</summary>
/// <param name="Size">Samples of a window.</param>
/// <param name="Step">Samples from the start of one to that of the next; at most <paramref name="Size"/>.</param>
/// <param name="LeastOfLast">A last window of fewer is left out, unless it is the only one.</param>
internal sealed record WindowPlan(int Size, int Step, int LeastOfLast);

/// <summary>A window of a sound.</summary>
/// <param name="Samples">Mono, at the model's rate.</param>
/// <param name="Start">Where it begins, in samples at the model's rate.</param>
internal readonly record struct SoundWindow(float[] Samples, long Start);
