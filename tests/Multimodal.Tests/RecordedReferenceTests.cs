using Polymodal.Evaluation.Parity;

namespace Polymodal.Multimodal.Tests;

/// <summary>Zero-shot probabilities, fusion, few-shot classifiers and measures of retrieval against what the libraries recorded.</summary>
public sealed class RecordedReferenceTests
{
    [Theory]
    [InlineData("evaluation/clip-style", 4)]
    [InlineData("evaluation/classification", 20)]
    [InlineData("evaluation/fusion", 6)]
    public void Records_of_vectors_agree(string reference, int leastCases) => Agrees(reference, _ => true, leastCases);

    [Theory]
    [InlineData("image/clip", "zero-shot")]
    [InlineData("image/siglip", "zero-shot")]
    [InlineData("image/open-clip", "zero-shot")]
    [InlineData("image/clip", "pictures-against-texts")]
    [InlineData("image/siglip", "pictures-against-texts")]
    [InlineData("audio/clap-unfused", "similarity")]
    [InlineData("audio/clap-fused", "similarity")]
    public void Towers_judge_as_recorded_with_the_scale_of_their_own_files(string reference, string id) => Agrees(reference, name => name == id, 1);

    private static void Agrees(string reference, Func<string, bool> includes, int leastCases)
    {
        using ParityRun run = ParityRun.Open(Path.Combine(Repository.Reference(reference), "reference.json"));
        ParityCase[] cases = [.. run.Cases.Where(recorded => includes(recorded.Id) && recorded.NotSupported is null)];
        Assert.True(cases.Length >= leastCases, $"{cases.Length} cases of {reference} are compared");
        ParityRow[] rows = [.. cases.SelectMany(recorded => recorded.Compare())];
        Assert.Contains(rows, row => row.Verdict == ParityVerdict.Pass);
        string[] failed = [.. rows.Where(row => row.Verdict is ParityVerdict.Fail or ParityVerdict.NotSupported).Select(row => $"{row.Case}/{row.Tensor}: {row.Verdict} {row.LargestDifference:0.0e+0} {row.Note}")];
        Assert.True(failed.Length == 0, string.Join(Environment.NewLine, failed));
    }
}
