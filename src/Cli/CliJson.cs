using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polymodal.Evaluation.Parity;
using Polymodal.Multimodal;
using Polymodal.Providers.Local.Images;
using Polymodal.VectorStore;

namespace Polymodal.Cli;

internal sealed record EmbeddedText(int Index, string? Model, string? Space, ReadOnlyMemory<float> Vector);

internal sealed record EmbeddedPicture(string File, string? Model, string? Space, ReadOnlyMemory<float> Vector);

internal sealed record ClassifiedPicture(string File, IReadOnlyList<ImageClass> Classes);

internal sealed record ClassifiedFile(string File, bool None, IReadOnlyList<ZeroShotClass> Classes);

internal sealed record ClassifiedText(int Index, bool None, IReadOnlyList<ZeroShotClass> Classes);

internal sealed record DuplicateGroup(IReadOnlyList<string> Files, float Score, bool Identical);
internal sealed record EmbeddedSound(string File, double Start, double Duration, string? Model, string? Space, ReadOnlyMemory<float> Vector);

internal sealed record TranscribedPart(string File, double Start, double End, string Text);

internal sealed record TokenizedText(int Index, IReadOnlyList<int> Ids, IReadOnlyList<string> Tokens, IReadOnlyList<int[]> Offsets, IReadOnlyList<int> SpecialTokensMask);

internal sealed record ScoredText(float Score, string Text);

internal sealed record ComparedInputs(string First, string Second, float? Score, SimilarityMetric? Metric, string? Space, IReadOnlyList<string> Bridges, string? Refusal);

internal sealed record FrameworkRow(string Name, string DisplayName, EmbeddingModality Input, EmbeddingLocation Runs, string? Model, int? Dimensions, bool Available, string Reason);

internal sealed record ParityLine(string Folder, string Case, string Tensor, double? LargestDifference, double? SmallestCosine, ParityVerdict Verdict, string? Note);

internal sealed record CollectionRow(string Name, long Records, string Vector, int Dimensions, SimilarityMetric Metric, string Space, LexicalTokenizer Words, bool Probed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EmbeddedText))]
[JsonSerializable(typeof(EmbeddedPicture))]
[JsonSerializable(typeof(ClassifiedPicture))]
[JsonSerializable(typeof(ClassifiedFile))]
[JsonSerializable(typeof(ClassifiedText))]
[JsonSerializable(typeof(DuplicateGroup))]
[JsonSerializable(typeof(EmbeddedSound))]
[JsonSerializable(typeof(TranscribedPart))]
[JsonSerializable(typeof(ScoredText))]
[JsonSerializable(typeof(ComparedInputs))]
[JsonSerializable(typeof(TokenizedText))]
[JsonSerializable(typeof(FrameworkRow))]
[JsonSerializable(typeof(ParityLine))]
[JsonSerializable(typeof(CollectionRow))]
[JsonSerializable(typeof(float))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>Writes letters as they are: the output is read by people and programs, not put into a web page.</summary>
    [field: MaybeNull]
    public static CliJson Readable => field ??= new(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
