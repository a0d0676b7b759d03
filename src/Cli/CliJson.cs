using System.Text.Json.Serialization;
using Polymodal.Evaluation.Parity;

namespace Polymodal.Cli;

internal sealed record EmbeddedText(int Index, string? Model, string? Space, ReadOnlyMemory<float> Vector);

internal sealed record ScoredText(float Score, string Text);

internal sealed record FrameworkRow(string Name, string DisplayName, EmbeddingModality Input, EmbeddingLocation Runs, string? Model, int? Dimensions, bool Available, string Reason);

internal sealed record ParityLine(string Folder, string Case, string Tensor, double? LargestDifference, double? SmallestCosine, ParityVerdict Verdict, string? Note);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EmbeddedText))]
[JsonSerializable(typeof(ScoredText))]
[JsonSerializable(typeof(FrameworkRow))]
[JsonSerializable(typeof(ParityLine))]
internal sealed partial class CliJson : JsonSerializerContext;
