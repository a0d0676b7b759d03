using System.Numerics;

namespace Polymodal.Providers.Local.Audio.Signal;

/// <summary>Discrete Fourier transforms of several sequences at a time, one in each lane of a vector. Any length; fast where its prime factors are 2, 3 and 5.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <remarks>
/// Immutable and safe for concurrent use. Stockham's order of passes (W. T. Cochran et al., 1967): each pass takes one factor, and the results come out sorted.
/// </remarks>
internal sealed class Fft<T>
    where T : struct, IFloatingPointIeee754<T>
{
    private readonly Pass[] _passes;

    public Fft(int length)
    {
        Length = length;
        var passes = new List<Pass>();
        int left = length;
        while (left > 1)
        {
            int factor = left % 4 == 0 ? 4 : Enumerable.Range(2, left - 1).First(candidate => left % candidate == 0);
            passes.Add(new Pass(factor, left));
            left /= factor;
        }

        _passes = [.. passes];
    }

    /// <summary>Points of a sequence.</summary>
    public int Length { get; }

    /// <summary>Transforms in place.</summary>
    /// <param name="real">Real parts, [point].</param>
    /// <param name="imaginary">Imaginary parts, [point].</param>
    /// <param name="scratch">Room for 2 × <see cref="Length"/> vectors.</param>
    public void Transform(Span<Vector<T>> real, Span<Vector<T>> imaginary, Span<Vector<T>> scratch)
    {
        Span<Vector<T>> toReal = scratch[..Length], toImaginary = scratch.Slice(Length, Length), fromReal = real, fromImaginary = imaginary;
        int stride = 1;
        foreach (Pass pass in _passes)
        {
            pass.Run(fromReal, fromImaginary, toReal, toImaginary, stride);
            stride *= pass.Factor;
            Span<Vector<T>> swapReal = fromReal, swapImaginary = fromImaginary;
            fromReal = toReal;
            fromImaginary = toImaginary;
            toReal = swapReal;
            toImaginary = swapImaginary;
        }

        if (_passes.Length % 2 != 0)
        {
            fromReal.CopyTo(real);
            fromImaginary.CopyTo(imaginary);
        }
    }

    // One factor: "Parts" groups of so many points each, whose sums are turned by the twiddles of their place.
    private sealed class Pass
    {
        private readonly int _parts;
        private readonly T[] _cosines, _sines, _factorCosines, _factorSines;

        public Pass(int factor, int length)
        {
            Factor = factor;
            _parts = length / factor;
            (_cosines, _sines) = Turns(_parts * factor, i => (double)(i / factor) * (i % factor) / length);
            (_factorCosines, _factorSines) = Turns(factor, i => (double)i / factor);
        }

        public int Factor { get; }

        public void Run(Span<Vector<T>> fromReal, Span<Vector<T>> fromImaginary, Span<Vector<T>> toReal, Span<Vector<T>> toImaginary, int stride)
        {
            for (int part = 0; part < _parts; part++)
            {
                for (int place = 0; place < stride; place++)
                {
                    int from = place + (stride * part), to = place + (stride * Factor * part);
                    switch (Factor)
                    {
                        case 2:
                            Two(fromReal, fromImaginary, toReal, toImaginary, from, to, stride, part);
                            break;
                        case 4:
                            Four(fromReal, fromImaginary, toReal, toImaginary, from, to, stride, part);
                            break;
                        case 5:
                            Five(fromReal, fromImaginary, toReal, toImaginary, from, to, stride, part);
                            break;
                        default:
                            Any(fromReal, fromImaginary, toReal, toImaginary, from, to, stride, part);
                            break;
                    }
                }
            }
        }

        private void Two(Span<Vector<T>> fr, Span<Vector<T>> fi, Span<Vector<T>> tr, Span<Vector<T>> ti, int from, int to, int stride, int part)
        {
            int step = stride * _parts;
            Vector<T> ar = fr[from], ai = fi[from], br = fr[from + step], bi = fi[from + step];
            tr[to] = ar + br;
            ti[to] = ai + bi;
            Store(tr, ti, to + stride, ar - br, ai - bi, (2 * part) + 1);
        }

        private void Four(Span<Vector<T>> fr, Span<Vector<T>> fi, Span<Vector<T>> tr, Span<Vector<T>> ti, int from, int to, int stride, int part)
        {
            int step = stride * _parts, turn = 4 * part;
            Vector<T> ar = fr[from], ai = fi[from], br = fr[from + step], bi = fi[from + step];
            Vector<T> cr = fr[from + (2 * step)], ci = fi[from + (2 * step)], dr = fr[from + (3 * step)], di = fi[from + (3 * step)];
            Vector<T> acr = ar + cr, aci = ai + ci, amcr = ar - cr, amci = ai - ci, bdr = br + dr, bdi = bi + di, bmdr = br - dr, bmdi = bi - di;
            tr[to] = acr + bdr;
            ti[to] = aci + bdi;
            Store(tr, ti, to + stride, amcr + bmdi, amci - bmdr, turn + 1);
            Store(tr, ti, to + (2 * stride), acr - bdr, aci - bdi, turn + 2);
            Store(tr, ti, to + (3 * stride), amcr - bmdi, amci + bmdr, turn + 3);
        }

        private void Five(Span<Vector<T>> fr, Span<Vector<T>> fi, Span<Vector<T>> tr, Span<Vector<T>> ti, int from, int to, int stride, int part)
        {
            int step = stride * _parts, turn = 5 * part;
            Vector<T> c1 = new(_factorCosines[1]), c2 = new(_factorCosines[2]), s1 = new(_factorSines[1]), s2 = new(_factorSines[2]);
            Vector<T> ar = fr[from], ai = fi[from];
            Vector<T> ber = fr[from + step], bei = fi[from + step], eer = fr[from + (4 * step)], eei = fi[from + (4 * step)];
            Vector<T> cdr = fr[from + (2 * step)], cdi = fi[from + (2 * step)], ddr = fr[from + (3 * step)], ddi = fi[from + (3 * step)];
            Vector<T> p1r = ber + eer, p1i = bei + eei, m1r = ber - eer, m1i = bei - eei, p2r = cdr + ddr, p2i = cdi + ddi, m2r = cdr - ddr, m2i = cdi - ddi;
            tr[to] = ar + p1r + p2r;
            ti[to] = ai + p1i + p2i;
            Vector<T> xr = ar + (c1 * p1r) + (c2 * p2r), xi = ai + (c1 * p1i) + (c2 * p2i), yr = (s1 * m1r) + (s2 * m2r), yi = (s1 * m1i) + (s2 * m2i);
            Store(tr, ti, to + stride, xr - yi, xi + yr, turn + 1);
            Store(tr, ti, to + (4 * stride), xr + yi, xi - yr, turn + 4);
            xr = ar + (c2 * p1r) + (c1 * p2r);
            xi = ai + (c2 * p1i) + (c1 * p2i);
            yr = (s2 * m1r) - (s1 * m2r);
            yi = (s2 * m1i) - (s1 * m2i);
            Store(tr, ti, to + (2 * stride), xr - yi, xi + yr, turn + 2);
            Store(tr, ti, to + (3 * stride), xr + yi, xi - yr, turn + 3);
        }

        private void Any(Span<Vector<T>> fr, Span<Vector<T>> fi, Span<Vector<T>> tr, Span<Vector<T>> ti, int from, int to, int stride, int part)
        {
            int step = stride * _parts;
            for (int j = 0; j < Factor; j++)
            {
                Vector<T> sumReal = fr[from], sumImaginary = fi[from];
                for (int k = 1, turn = j; k < Factor; k++, turn = (turn + j) % Factor)
                {
                    Vector<T> cosine = new(_factorCosines[turn]), sine = new(_factorSines[turn]), r = fr[from + (k * step)], i = fi[from + (k * step)];
                    sumReal += (r * cosine) - (i * sine);
                    sumImaginary += (r * sine) + (i * cosine);
                }

                Store(tr, ti, to + (j * stride), sumReal, sumImaginary, (Factor * part) + j);
            }
        }

        private void Store(Span<Vector<T>> tr, Span<Vector<T>> ti, int to, Vector<T> r, Vector<T> i, int turn)
        {
            Vector<T> cosine = new(_cosines[turn]), sine = new(_sines[turn]);
            tr[to] = (r * cosine) - (i * sine);
            ti[to] = (r * sine) + (i * cosine);
        }

        // Turns of the whole circle, against the clock being negative.
        private static (T[] Cosines, T[] Sines) Turns(int count, Func<int, double> turn)
        {
            var cosines = new T[count];
            var sines = new T[count];
            for (int i = 0; i < count; i++)
            {
                cosines[i] = T.CreateTruncating(Math.Cos(2 * Math.PI * turn(i)));
                sines[i] = T.CreateTruncating(-Math.Sin(2 * Math.PI * turn(i)));
            }

            return (cosines, sines);
        }
    }
}
