using System.Numerics;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Spectra of frames, two vectors of them at a time: one group as the real part of a transform, one as the imaginary.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>: what is computed in.</typeparam>
/// <remarks>Holds its working memory: not safe for concurrent use.</remarks>
internal sealed class Spectrogram<T>
    where T : struct, IFloatingPointIeee754<T>
{
    private static readonly int Lanes = Vector<T>.Count;
    private readonly FrameSettings _settings;
    private readonly Fft<T> _fft;
    private readonly T[] _window;
    private readonly Vector<T>[] _real, _imaginary, _scratch;

    public Spectrogram(FrameSettings settings, Fft<T> fft)
    {
        _settings = settings;
        _fft = fft;
        _window = [.. settings.Window.Select(T.CreateTruncating)];
        _real = new Vector<T>[settings.FftSize];
        _imaginary = new Vector<T>[settings.FftSize];
        _scratch = new Vector<T>[2 * settings.FftSize];
    }

    /// <summary>Frames of one step.</summary>
    public static int Step => 2 * Lanes;

    /// <summary>Takes the spectra of the next frames.</summary>
    /// <param name="signal">Frame f begins at sample f × hop.</param>
    /// <param name="first">The first frame.</param>
    /// <param name="count">Frames; up to <see cref="Step"/>.</param>
    /// <param name="energy">Receives the logarithm's argument of Kaldi's energy for each frame, or is empty.</param>
    public void Transform(ReadOnlySpan<float> signal, int first, int count, Span<T> energy = default)
    {
        Load(signal, first, Math.Min(count, Lanes), _real, energy.IsEmpty ? energy : energy[..Lanes]);
        Load(signal, first + Lanes, Math.Max(0, count - Lanes), _imaginary, energy.IsEmpty ? energy : energy[Lanes..]);
        _fft.Transform(_real, _imaginary, _scratch);
    }

    /// <summary>A frequency of the frames transformed last.</summary>
    /// <param name="bin">Which.</param>
    /// <param name="group">0 for the first frames, 1 for those behind them.</param>
    public (Vector<T> Real, Vector<T> Imaginary) At(int bin, int group)
    {
        var half = new Vector<T>(T.CreateTruncating(0.5));
        int mirror = bin == 0 ? 0 : _fft.Length - bin;
        Vector<T> r = _real[bin], i = _imaginary[bin], mirrorR = _real[mirror], mirrorI = _imaginary[mirror];
        return group == 0 ? ((r + mirrorR) * half, (i - mirrorI) * half) : ((i + mirrorI) * half, (mirrorR - r) * half);
    }

    /// <summary>Power, or magnitude, of the frames transformed last.</summary>
    /// <param name="power">Receives [bin, group].</param>
    public void Power(Span<Vector<T>> power)
    {
        for (int bin = 0; bin < _settings.Bins; bin++)
        {
            for (int group = 0; group < 2; group++)
            {
                (Vector<T> r, Vector<T> i) = At(bin, group);
                Vector<T> square = (r * r) + (i * i);
                power[(2 * bin) + group] = _settings.Power ? square : Vector.SquareRoot(square);
            }
        }
    }

    private void Load(ReadOnlySpan<float> signal, int first, int count, Vector<T>[] target, Span<T> energy)
    {
        target.AsSpan().Clear();
        if (count <= 0)
            return;
        Span<T> lanes = MemoryMarshal.Cast<Vector<T>, T>(target.AsSpan(0, _settings.Length));
        T scale = T.CreateTruncating(_settings.Scale);
        for (int lane = 0; lane < count; lane++)
        {
            ReadOnlySpan<float> frame = signal.Slice((first + lane) * _settings.Hop, _settings.Length);
            for (int i = 0, to = lane; i < frame.Length; i++, to += Lanes)
                lanes[to] = T.CreateTruncating(frame[i]) * scale;
        }

        Span<Vector<T>> samples = target.AsSpan(0, _settings.Length);
        if (_settings.RemoveOffset)
        {
            Vector<T> mean = Vector<T>.Zero;
            foreach (Vector<T> sample in samples)
                mean += sample;
            mean /= new Vector<T>(T.CreateTruncating(_settings.Length));
            foreach (ref Vector<T> sample in samples)
                sample -= mean;
        }

        if (!energy.IsEmpty)
        {
            Vector<T> sum = Vector<T>.Zero;
            foreach (Vector<T> sample in samples)
                sum += sample * sample;
            sum.CopyTo(energy);
        }

        if (_settings.PreEmphasis != 0)
        {
            var part = new Vector<T>(T.CreateTruncating(_settings.PreEmphasis));
            for (int i = samples.Length - 1; i > 0; i--)
                samples[i] -= samples[i - 1] * part;
            samples[0] -= samples[0] * part;
        }

        for (int i = 0; i < samples.Length; i++)
            samples[i] *= new Vector<T>(_window[i]);
    }
}
