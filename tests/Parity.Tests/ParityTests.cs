using System.Text.Json;
using Polymodal.Evaluation.Parity;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Polymodal.Parity.Tests;

/// <summary>Every recorded reference that is found, case by case, by its own rules.</summary>
[TestCaseOrderer("Polymodal.Parity.Tests.ReferenceByReference", "Polymodal.Parity.Tests")]
public sealed class ParityTests(OpenedReferences references) : IClassFixture<OpenedReferences>
{
    [ReferenceTheory("text"), Trait("Area", "text")]
    public void Text(string reference, string id) => Compare(reference, id);

    [ReferenceTheory("tokenizers"), Trait("Area", "tokenizers")]
    public void Tokenizers(string reference, string id) => Compare(reference, id);

    [ReferenceTheory("image"), Trait("Area", "image")]
    public void Image(string reference, string id) => Compare(reference, id);

    [ReferenceTheory("audio"), Trait("Area", "audio")]
    public void Audio(string reference, string id) => Compare(reference, id);

    [ReferenceTheory("media"), Trait("Area", "media")]
    public void Media(string reference, string id) => Compare(reference, id);

    [ReferenceTheory("evaluation"), Trait("Area", "evaluation")]
    public void Evaluation(string reference, string id) => Compare(reference, id);

    // The list must stay true: each entry is of a tensor that is there, and within its own bound. What depends on the processor may agree on some.
    [Theory, MemberData(nameof(KnownDivergence.Listed), MemberType = typeof(KnownDivergence))]
    public void Listed_divergences_are_no_larger_than_listed(string reference, string id, string tensor)
    {
        using ParityRun run = ParityRun.Open(Path.Combine(Repository.Reference(reference), "reference.json"));
        ParityRow row = run.Cases.Single(c => c.Id == id).Compare().Single(row => row.Tensor == tensor);
        KnownDivergence known = KnownDivergence.All.Single(known => (known.Reference, known.Case, known.Tensor) == (reference, id, tensor));
        Assert.Equal(known.Largest is null, row.Verdict == ParityVerdict.NotSupported);
        Assert.True(known.Largest is null || row.LargestDifference <= known.Largest, $"{row.LargestDifference} is more than {known.Largest}");
        Assert.True(row.SmallestCosine is not { } cosine || cosine >= 0.998, $"cosine {row.SmallestCosine}");
    }

    private void Compare(string reference, string id)
    {
        ParityRun run = references.Open(reference);
        IReadOnlyList<ParityRow> rows = run.Cases.Single(c => c.Id == id).Compare();
        Assert.Contains(rows, row => row.Verdict != ParityVerdict.NotSupported || KnownDivergence.Of(reference, row) is not null);
        // What a record itself calls not runnable is reported as not supported, beside what can be compared.
        string? notRunnable = run.Reference.Json.TryGetProperty("not_runnable", out JsonElement reason) ? reason.GetString() : null;
        string[] failed = [.. rows.Where(row => (row.Verdict == ParityVerdict.Fail || (row.Verdict == ParityVerdict.NotSupported && row.Note != notRunnable)) && KnownDivergence.Of(reference, row) is null)
            .Select(row => $"{row.Tensor}: {row.Verdict}, largest difference {row.LargestDifference:0.0e+0}, smallest cosine {row.SmallestCosine:0.000000}; {row.Note}")];
        Assert.True(failed.Length == 0, $"{reference}, case {id}:{Environment.NewLine}{string.Join(Environment.NewLine, failed)}");
    }
}

/// <summary>Keeps the models of one reference loaded while its cases run.</summary>
public sealed class OpenedReferences : IDisposable
{
    private string? _name;
    private ParityRun? _run;

    /// <summary>Opens a reference, unless it is the one that is open, and closes the one before.</summary>
    /// <param name="name">Its name among the roots.</param>
    public ParityRun Open(string name)
    {
        if (name == _name)
            return _run!;
        Dispose();
        _run = ParityRun.Open(ReferenceRoots.FileOf(name));
        _name = name;
        return _run;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run?.Dispose();
        (_name, _run) = (null, null);
    }
}

/// <summary>Cases of one reference run one after the other, so that only one reference need be loaded at a time: all of them together take gigabytes.</summary>
public sealed class ReferenceByReference : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase => testCases.OrderBy(testCase => testCase.TestMethodArguments?.FirstOrDefault() as string, StringComparer.Ordinal);
}
