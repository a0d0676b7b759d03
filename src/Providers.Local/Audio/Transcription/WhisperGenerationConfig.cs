using System.Text.Json.Serialization;

namespace Polymodal.Providers.Local.Audio.Transcription;

/// <summary><c>generation_config.json</c> of a Whisper folder: its special tokens and the ones that it must not say.</summary>
internal sealed record WhisperGenerationConfig
{
    public const string File = "generation_config.json";

    public int? DecoderStartTokenId { get; init; }

    public int? EosTokenId { get; init; }

    public int? NoTimestampsTokenId { get; init; }

    public int? MaxInitialTimestampIndex { get; init; }

    public int? MaxLength { get; init; }

    public bool? IsMultilingual { get; init; }

    public IReadOnlyDictionary<string, int>? LangToId { get; init; }

    public IReadOnlyDictionary<string, int>? TaskToId { get; init; }

    public IReadOnlyList<int>? SuppressTokens { get; init; }

    public IReadOnlyList<int>? BeginSuppressTokens { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WhisperGenerationConfig))]
internal sealed partial class WhisperJson : JsonSerializerContext;
