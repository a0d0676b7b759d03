namespace Polymodal.Providers.Local.Audio;

/// <summary>What happens to a sound that is longer than a window.</summary>
public enum LongSoundHandling
{
    /// <summary>Windows one after the other, each a vector; their mean, weighted by their length. Memory does not depend on the sound's length.</summary>
    Windows,

    /// <summary>
    /// What the model's library does, on the whole sound at once: Whisper and the audio spectrogram transformer hear the start only, the voice encoder the first ten minutes, CLAP a part or a shrunk
    /// form, the others all of it, at a cost in memory that grows with the square of its length. Of those that hear all, and of CLAP, a sound of more than an hour is an error.
    /// </summary>
    Whole,
}
