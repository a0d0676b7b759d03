using Polymodal.Providers.Local.Audio;
using Polymodal.Providers.Local.Audio.Decoding;

namespace Polymodal.Providers.Local;

/// <summary>Options of a local sound framework. Copied and checked once, when the model is loaded.</summary>
public sealed class LocalAudioEmbeddingOptions : LocalEmbeddingOptions
{
    /// <summary>What opens sounds. Default null: <see cref="AudioDecoder"/> with its defaults.</summary>
    public IAudioDecoder? Decoder { get; set; }

    /// <summary>How frames become one vector. Default null: the graph's own pooled output where it has one, else <see cref="AudioPooling.Mean"/>.</summary>
    public AudioPooling? Pooling { get; set; }

    /// <summary>
    /// One number a layer of the graph's <c>hidden_states</c>: vectors are pooled from their sum, weighted by the softmax of these numbers, as heads with
    /// <c>use_weighted_layer_sum</c> learn them. Default null: the last layer alone.
    /// </summary>
    public IReadOnlyList<float>? LayerWeights { get; set; }

    /// <summary>
    /// True pools each layer of the graph's <c>hidden_states</c> by itself and puts the results one behind the other, lowest first: what a linear probe with weights of its own for each layer wants. Default false.
    /// </summary>
    public bool PerLayer { get; set; }

    /// <summary>What happens to a sound longer than <see cref="WindowLength"/>. Default <see cref="LongSoundHandling.Windows"/>.</summary>
    public LongSoundHandling LongSound { get; set; }

    /// <summary>Length of a window; 0.1 s to 1 hour. Default null: what the model hears at once where that is fixed (Whisper 30 s, CLAP 10 s), else 30 s.</summary>
    public TimeSpan? WindowLength { get; set; }

    /// <summary>How much neighbouring windows share; less than a window. Default zero.</summary>
    public TimeSpan WindowOverlap { get; set; }

    /// <summary>
    /// True lets one run hold several sounds, padded as the model's library pads. Default false: each sound is a run of its own, so that its vector is the one it gets alone.
    /// For many models (group normalisation, data2vec) padding changes the vector.
    /// </summary>
    public bool PadTogether { get; set; }

    /// <summary>Most sounds that wait for the model, 1 to 16,777,216; what is beyond is refused with <see cref="EmbeddingOverloadException"/>. Default 16,384.</summary>
    public int QueueSounds { get; set; } = 16_384;

    private protected override void Check()
    {
        base.Check();
        CheckRange(nameof(QueueSounds), QueueSounds, 1, 16_777_216);
        if (WindowLength is { } length && (length < TimeSpan.FromSeconds(0.1) || length > TimeSpan.FromHours(1)))
            throw new ArgumentOutOfRangeException(nameof(WindowLength), length, "WindowLength must be 0.1 s to 1 hour, or null for what the model hears at once.");
        if (WindowOverlap < TimeSpan.Zero || WindowOverlap >= (WindowLength ?? TimeSpan.FromHours(1)))
            throw new ArgumentOutOfRangeException(nameof(WindowOverlap), WindowOverlap, "WindowOverlap must be zero or more, and less than a window.");
        if (PerLayer && LayerWeights is not null)
            throw new ArgumentException("PerLayer keeps the layers apart and LayerWeights adds them up. Choose one of them.", nameof(PerLayer));
        if (LayerWeights is { } weights && (weights.Count == 0 || weights.Any(weight => !float.IsFinite(weight))))
            throw new ArgumentException("LayerWeights must have a finite number for each layer.", nameof(LayerWeights));
    }
}
