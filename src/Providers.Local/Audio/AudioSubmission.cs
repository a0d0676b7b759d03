using Polymodal.Providers.Local.Audio.Decoding;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Audio;

/// <summary>The sounds of one call. A sound of one window is made ready here; a longer one is read while it is run, window by window.</summary>
/// <param name="sounds">How sounds are heard.</param>
/// <param name="sources">The sounds.</param>
internal sealed class AudioSubmission(SoundHearing sounds, IReadOnlyList<SoundSource> sources) : Submission<AudioItem>(sources.Count)
{
    /// <summary>Cost of a second of sound.</summary>
    public const int CostPerSecond = 100;

    public override object Kind => sounds;

    public override int Estimate(int index) => CostOf(Math.Min(sources[index].Seconds, sounds.WindowSeconds));

    public override void Prepare(int start, Span<AudioItem> items, CancellationToken cancellationToken)
    {
        for (int i = 0; i < items.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int index = start + i;
            items[i] = Naming(index, () => Prepare(index));
        }
    }

    /// <summary>Does something with a sound; what goes wrong says which sound it was.</summary>
    public T Naming<T>(int index, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception exception) when (Count > 1 && exception is InvalidDataException or NotSupportedException or IOException)
        {
            string message = $"sound {index} of {Count}: {exception.Message}";
            throw exception is NotSupportedException ? new NotSupportedException(message, exception) : new InvalidDataException(message, exception);
        }
    }

    private AudioItem Prepare(int index)
    {
        SoundSource source = sources[index];
        using AudioReader reader = source.Open(sounds.Decoder);
        var windows = new SoundWindows(reader, sounds.SamplingRate, sounds.Plan);
        windows.TryNext(out SoundWindow first);
        if (sounds.RefusesLonger && windows.HasMore())
            throw new InvalidDataException($"the sound is longer than {sounds.WindowSeconds / 3600:0.##} h, the most that is heard as a whole. Cut it, or set LongSound to {nameof(LongSoundHandling.Windows)}.");
        return sounds.TakesWindows && windows.TryNext(out _)
            ? new AudioItem(this, index, [], source, CostOf(2 * sounds.WindowSeconds))
            : new AudioItem(this, index, sounds.Padded(first.Samples), null, CostOf((double)first.Samples.Length / sounds.SamplingRate));
    }

    private static int CostOf(double seconds) => (int)Math.Clamp(seconds * CostPerSecond, 1, 1_000_000);
}

/// <summary>A sound, ready to run.</summary>
/// <param name="Submission">The call it belongs to.</param>
/// <param name="Index">Its place in the call.</param>
/// <param name="Samples">Its samples, when it has one window.</param>
/// <param name="Long">Where to read it, when it has several.</param>
/// <param name="Cost">Hundredths of a second.</param>
internal readonly record struct AudioItem(AudioSubmission Submission, int Index, float[] Samples, SoundSource? Long, int Cost) : IWorkItem;
