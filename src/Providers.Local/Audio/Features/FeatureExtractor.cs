using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Audio.Features;

/// <summary>Makes of a sound what a model takes. The kinds are those of transformers, by their names in <c>preprocessor_config.json</c>.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal abstract class FeatureExtractor
{
    /// <summary>The kinds that are built. A new one is a class and a line here.</summary>
    public static readonly IReadOnlyDictionary<string, Func<PreprocessorConfig, AudioModelConfig, FeatureExtractor>> Known =
        new Dictionary<string, Func<PreprocessorConfig, AudioModelConfig, FeatureExtractor>>(StringComparer.Ordinal)
        {
            ["Wav2Vec2FeatureExtractor"] = (config, model) => new RawWaveform(config, model),
            ["WhisperFeatureExtractor"] = (config, model) => new WhisperLogMel(config, model),
            ["ClapFeatureExtractor"] = (config, _) => new ClapMel(config),
            ["ASTFeatureExtractor"] = (config, _) => new AstFbank(config),
            ["SeamlessM4TFeatureExtractor"] = (config, _) => new SeamlessFbank(config),
            [VoiceMel.Name] = (_, _) => new VoiceMel(),
        };

    // Older folders name no kind: the library then goes by the model's.
    private static readonly Dictionary<string, string> OfModelType = new(StringComparer.Ordinal)
    {
        ["wav2vec2"] = "Wav2Vec2FeatureExtractor",
        ["wav2vec2-conformer"] = "Wav2Vec2FeatureExtractor",
        ["hubert"] = "Wav2Vec2FeatureExtractor",
        ["wavlm"] = "Wav2Vec2FeatureExtractor",
        ["data2vec-audio"] = "Wav2Vec2FeatureExtractor",
        ["unispeech"] = "Wav2Vec2FeatureExtractor",
        ["unispeech-sat"] = "Wav2Vec2FeatureExtractor",
        ["sew"] = "Wav2Vec2FeatureExtractor",
        ["sew-d"] = "Wav2Vec2FeatureExtractor",
        ["wav2vec2-bert"] = "SeamlessM4TFeatureExtractor",
        ["whisper"] = "WhisperFeatureExtractor",
        ["clap"] = "ClapFeatureExtractor",
        ["audio-spectrogram-transformer"] = "ASTFeatureExtractor",
    };

    /// <summary>The rate that the model hears at, in Hz.</summary>
    public abstract int SamplingRate { get; }

    /// <summary>The most samples that the model hears at once; longer sounds go through in windows. Null for any number.</summary>
    public virtual int? MostSamples => null;

    /// <summary>Whether a sound longer than <see cref="MostSamples"/> is heard in a form of its own; else only its start is.</summary>
    public virtual bool TakesLonger => MostSamples is null;

    /// <summary>The fewest samples that have a vector; shorter sounds are followed by silence up to here.</summary>
    public virtual int LeastSamples => 1;

    /// <summary>The fewest samples that a last window must have to count beside others.</summary>
    public virtual int LeastOfLastWindow => LeastSamples;

    /// <summary>Makes the input of one sound, as the model hears it alone.</summary>
    /// <param name="samples">At <see cref="SamplingRate"/>; at least <see cref="LeastSamples"/>.</param>
    public abstract AudioBatch Extract(ReadOnlySpan<float> samples);

    /// <summary>Frames of the model's output that hold sound; null where all do.</summary>
    /// <param name="entries">Entries of the input's time axis that are sound.</param>
    public virtual int? OutputFrames(int entries) => null;

    /// <summary>Makes one input of several sounds, padded as transformers pads them.</summary>
    /// <exception cref="NotSupportedException">The rows are of different lengths and the kind has no padding.</exception>
    public virtual AudioBatch Extract(IReadOnlyList<float[]> sounds)
    {
        AudioBatch[] alone = [.. sounds.Select(sound => Extract(sound))];
        if (alone is [var one])
            return one;
        if (alone.Any(batch => !batch.Shape.AsSpan().SequenceEqual(alone[0].Shape)))
            throw new NotSupportedException($"{GetType().Name} does not pad sounds of different lengths. Run them one by one.");
        return new AudioBatch([.. alone.SelectMany(batch => batch.Values)], [alone.Length, .. alone[0].Shape.AsSpan(1)])
        {
            Mask = alone[0].Mask is null ? null : [.. alone.SelectMany(batch => batch.Mask!)],
            Lengths = alone[0].Lengths is null ? null : [.. alone.SelectMany(batch => batch.Lengths!)],
            IsLonger = alone[0].IsLonger is null ? null : [.. alone.SelectMany(batch => batch.IsLonger!)],
        };
    }

    /// <summary>Reads the extractor of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="config">Its <c>config.json</c>.</param>
    /// <param name="known">The kind that is known of the model where the folder does not say; null for none.</param>
    /// <exception cref="FileNotFoundException">The folder has neither <c>preprocessor_config.json</c> nor a <c>processor_config.json</c> with the extractor in it.</exception>
    /// <exception cref="NotSupportedException">It names a kind that is not built.</exception>
    /// <exception cref="InvalidDataException">A field is out of its range, or no file says which kind it is.</exception>
    public static FeatureExtractor Read(ModelFolder folder, AudioModelConfig config, string? known)
    {
        string file = PreprocessorConfig.File;
        PreprocessorConfig? preprocessor = folder.ReadOptional(file, AudioJson.Default.PreprocessorConfig);
        if (preprocessor is null && folder.ReadOptional(PreprocessorConfig.ProcessorFile, AudioJson.Default.AudioProcessorConfig)?.FeatureExtractor is { } nested)
            (preprocessor, file) = (nested, PreprocessorConfig.ProcessorFile);
        preprocessor ??= known is null ? throw folder.Missing(file) : new PreprocessorConfig();
        string type = preprocessor.FeatureExtractorType ?? known ?? OfModelType.GetValueOrDefault(config.ModelType ?? "") ?? throw new InvalidDataException(
            $"{folder.Name}/{file}: feature_extractor_type is missing, and config.json has no model_type that tells it. Add it; known: {string.Join(", ", Known.Keys)}.");
        if (!Known.TryGetValue(type, out Func<PreprocessorConfig, AudioModelConfig, FeatureExtractor>? create))
        {
            throw new NotSupportedException(
                $"{folder.Name}/{file}: feature_extractor_type is '{type}'; supported: {string.Join(", ", Known.Keys)}. Choose a model with one of these.");
        }

        try
        {
            return create(preprocessor, config);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{folder.Name}/{file}: {exception.Message}", exception);
        }
    }

    /// <summary>A number of a configuration, or its default.</summary>
    /// <exception cref="ArgumentException">It is out of its range.</exception>
    protected static int Number(int? value, int otherwise, string name, int least, int most) =>
        value is not { } number ? otherwise : number >= least && number <= most ? number : throw new ArgumentException($"{name} is {number}; it must be {least} to {most}.", name);
}
