using Polymodal.Evaluation.Parity;

namespace Polymodal.Parity.Tests;

/// <summary>Every recorded reference that is found, case by case, by its own rules.</summary>
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

    // The list must stay true: what agrees by now leaves it, and what is listed stays within its own bound.
    [Theory, MemberData(nameof(KnownDivergence.Listed), MemberType = typeof(KnownDivergence))]
    public void Listed_divergences_are_still_there_and_no_larger(string reference, string id, string tensor)
    {
        using ParityRun run = ParityRun.Open(Path.Combine(Repository.Reference(reference), "reference.json"));
        ParityRow row = run.Cases.Single(c => c.Id == id).Compare().Single(row => row.Tensor == tensor);
        KnownDivergence known = KnownDivergence.All.Single(known => (known.Reference, known.Case, known.Tensor) == (reference, id, tensor));
        Assert.Equal(known.Largest is null ? ParityVerdict.NotSupported : ParityVerdict.Fail, row.Verdict);
        Assert.True(known.Largest is null || row.LargestDifference <= known.Largest, $"{row.LargestDifference} is more than {known.Largest}");
        Assert.True(row.SmallestCosine is not { } cosine || cosine >= 0.998, $"cosine {row.SmallestCosine}");
    }

    private void Compare(string reference, string id)
    {
        IReadOnlyList<ParityRow> rows = references.Open(reference).Cases.Single(c => c.Id == id).Compare();
        Assert.NotEmpty(rows);
        string[] failed = [.. rows.Where(row => (row.Verdict is ParityVerdict.Fail or ParityVerdict.NotSupported) && KnownDivergence.Of(reference, row) is null)
            .Select(row => $"{row.Tensor}: {row.Verdict}, largest difference {row.LargestDifference:0.0e+0}, smallest cosine {row.SmallestCosine:0.000000}; {row.Note}")];
        Assert.True(failed.Length == 0, $"{reference}, case {id}:{Environment.NewLine}{string.Join(Environment.NewLine, failed)}");
    }
}

/// <summary>Keeps the models of the references loaded while the cases run, in whatever order xunit chooses.</summary>
public sealed class OpenedReferences : IDisposable
{
    private readonly Dictionary<string, ParityRun> _runs = [];

    /// <summary>Opens a reference, once.</summary>
    /// <param name="name">Its name among the roots.</param>
    public ParityRun Open(string name) => _runs.TryGetValue(name, out ParityRun? run) ? run : _runs[name] = ParityRun.Open(ReferenceRoots.FileOf(name));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ParityRun run in _runs.Values)
            run.Dispose();
    }
}
