using System.Numerics;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Energy of each frame in each band of a mel filter bank.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>: what is computed in, as the reference does.</typeparam>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class MelSpectrogram<T>
    where T : struct, IFloatingPointIeee754<T>
{
    private readonly FrameSettings _frames;
    private readonly Fft<T> _fft;
    private readonly (int First, T[] Weights)[] _filters;

    public MelSpectrogram(FrameSettings frames, MelFilterBank bank)
    {
        _frames = frames;
        _fft = new Fft<T>(frames.FftSize);
        _filters = [.. bank.Filters.Select(filter => (filter.First, filter.Weights.Select(T.CreateTruncating).ToArray()))];
    }

    /// <summary>Bands.</summary>
    public int Bands => _filters.Length;

    /// <summary>Computes the bands of a signal, not yet their logarithm.</summary>
    /// <param name="signal">Frame f begins at sample f × hop.</param>
    /// <param name="count">Frames.</param>
    /// <param name="mel">Where the bands go.</param>
    /// <param name="energy">Receives the energy of each frame before pre-emphasis and window, or is empty.</param>
    public void Compute(ReadOnlySpan<float> signal, int count, MelTarget mel, Span<float> energy = default)
    {
        var spectrogram = new Spectrogram<T>(_frames, _fft);
        int lanes = Vector<T>.Count;
        var power = new Vector<T>[2 * _frames.Bins];
        Span<T> energies = energy.IsEmpty ? [] : new T[2 * lanes];
        for (int first = 0; first < count; first += Spectrogram<T>.Step)
        {
            int frames = Math.Min(Spectrogram<T>.Step, count - first);
            spectrogram.Transform(signal, first, frames, energies);
            spectrogram.Power(power);
            for (int i = 0; i < energies.Length && i < frames; i++)
                energy[first + i] = float.CreateTruncating(energies[i]);
            for (int band = 0; band < _filters.Length; band++)
            {
                (int bin, T[] weights) = _filters[band];
                Vector<T> one = Vector<T>.Zero, other = Vector<T>.Zero;
                for (int i = 0; i < weights.Length; i++)
                {
                    var weight = new Vector<T>(weights[i]);
                    one += weight * power[2 * (bin + i)];
                    other += weight * power[(2 * (bin + i)) + 1];
                }

                Store(one, mel, band, first, Math.Min(frames, lanes));
                Store(other, mel, band, first + lanes, frames - lanes);
            }
        }
    }

    private static void Store(Vector<T> values, MelTarget mel, int band, int frame, int count)
    {
        ReadOnlySpan<T> lanes = MemoryMarshal.CreateReadOnlySpan(ref System.Runtime.CompilerServices.Unsafe.As<Vector<T>, T>(ref values), Vector<T>.Count);
        int to = (band * mel.BandStride) + (frame * mel.FrameStride);
        for (int lane = 0; lane < count; lane++, to += mel.FrameStride)
            mel.Values[to] = float.CreateTruncating(lanes[lane]);
    }
}

/// <summary>Where the bands of frames go.</summary>
/// <param name="values">The array.</param>
/// <param name="bandStride">Numbers from one band to the next.</param>
/// <param name="frameStride">Numbers from one frame to the next.</param>
internal readonly ref struct MelTarget(Span<float> values, int bandStride, int frameStride)
{
    public Span<float> Values { get; } = values;

    public int BandStride { get; } = bandStride;

    public int FrameStride { get; } = frameStride;
}
