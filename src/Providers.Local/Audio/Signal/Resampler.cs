using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Changes the rate of a sound, piece by piece: the result does not depend on how the sound is cut, and memory not on its length.</summary>
/// <remarks>
/// n samples become exactly ceil(n × to / from). Not safe for concurrent use; filters are shared. Reference: pytorch/audio 2.9, <c>functional.resample</c>,
/// which rounds that length in float32 and so loses or gains a sample of long sounds.
/// </remarks>
internal sealed class Resampler
{
    private const int MostFilters = 16;
    private static readonly ConcurrentDictionary<(int From, int To, SincFilterKind Kind), SincFilter> Filters = new();

    private readonly SincFilter? _filter;
    private float[] _kept = [];
    private long _keptFrom, _received, _written;
    private int _keptCount, _phase;
    private long _step;

    /// <summary>Creates a resampler at the start of a sound.</summary>
    /// <param name="fromRate">Samples a second of the input.</param>
    /// <param name="toRate">Samples a second of the output.</param>
    /// <param name="kind">The filter; null for torchaudio's default.</param>
    public Resampler(int fromRate, int toRate, SincFilterKind? kind = null)
    {
        kind ??= SincFilterKind.Hann;
        if (fromRate == toRate)
            return;
        // Whoever sends sounds of ever other rates must not fill the memory with filters.
        if (Filters.Count >= MostFilters)
            Filters.Clear();
        _filter = Filters.GetOrAdd((fromRate, toRate, kind), static key => new SincFilter(key.From, key.To, key.Kind));
        _keptFrom = _filter.Start(0);
        _keptCount = -_filter.Start(0);
        _kept = new float[_keptCount + 4_096];
    }

    /// <summary>Resamples a whole sound.</summary>
    public static float[] Resample(ReadOnlySpan<float> samples, int fromRate, int toRate, SincFilterKind? kind = null)
    {
        var resampler = new Resampler(fromRate, toRate, kind);
        float[] output = new float[resampler.Length(samples.Length)];
        int written = 0;
        const int piece = 16_384;
        for (int start = 0; start < samples.Length; start += piece)
            written += resampler.Push(samples.Slice(start, Math.Min(piece, samples.Length - start)), output.AsSpan(written));
        resampler.Finish(output.AsSpan(written));
        return output;
    }

    /// <summary>Output samples of a sound: ceil(n × to / from).</summary>
    public long Length(long samples) => _filter is null ? samples : (long)(((Int128)samples * _filter.Phases + _filter.Step - 1) / _filter.Step);

    /// <summary>Output samples that <see cref="Push"/> gives for so many input samples, at most.</summary>
    public int MostOutput(int samples) => (int)Math.Min(Array.MaxLength, Length(samples + (_filter?.Taps ?? 0)) + 1);

    /// <summary>Takes the next samples and gives what is settled by them.</summary>
    /// <returns>Output samples written.</returns>
    public int Push(ReadOnlySpan<float> samples, Span<float> output)
    {
        _received += samples.Length;
        if (_filter is null)
        {
            samples.CopyTo(output);
            return samples.Length;
        }

        Keep(samples.Length);
        samples.CopyTo(_kept.AsSpan(_keptCount));
        _keptCount += samples.Length;
        return Write(output, long.MaxValue);
    }

    /// <summary>Gives the rest: behind its end a sound is silent.</summary>
    /// <returns>Output samples written.</returns>
    public int Finish(Span<float> output)
    {
        if (_filter is null)
            return 0;
        long length = Length(_received);
        int behind = _filter.Taps + _filter.Step;
        Keep(behind);
        _kept.AsSpan(_keptCount, behind).Clear();
        _keptCount += behind;
        return Write(output, length);
    }

    private int Write(Span<float> output, long upTo)
    {
        SincFilter filter = _filter!;
        int count = 0;
        for (; _written < upTo; count++, _written++)
        {
            long first = (_step * filter.Step) + filter.Start(_phase) - _keptFrom;
            if (first + filter.Taps > _keptCount)
                break;
            output[count] = Dot(filter.Weights(_phase), ref _kept[first]);
            if (++_phase == filter.Phases)
            {
                _phase = 0;
                _step++;
            }
        }

        return count;
    }

    // Drops what no output needs any more and makes room.
    private void Keep(int more)
    {
        int needless = (int)Math.Clamp((_step * _filter!.Step) + _filter.Start(_phase) - _keptFrom, 0, _keptCount);
        _kept.AsSpan(needless, _keptCount - needless).CopyTo(_kept);
        _keptFrom += needless;
        _keptCount -= needless;
        if (_kept.Length - _keptCount < more)
            Array.Resize(ref _kept, Math.Max(_kept.Length * 2, _keptCount + more));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot(ReadOnlySpan<float> weights, ref float samples)
    {
        ref float weight = ref MemoryMarshal.GetReference(weights);
        Vector<float> sums = Vector<float>.Zero;
        nuint i = 0;
        for (; i + (nuint)Vector<float>.Count <= (nuint)weights.Length; i += (nuint)Vector<float>.Count)
            sums += Vector.LoadUnsafe(ref weight, i) * Vector.LoadUnsafe(ref samples, i);
        float sum = Vector.Sum(sums);
        for (; i < (nuint)weights.Length; i++)
            sum += Unsafe.Add(ref weight, i) * Unsafe.Add(ref samples, i);
        return sum;
    }
}
