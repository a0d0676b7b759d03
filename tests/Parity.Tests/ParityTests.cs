using Polymodal.Evaluation.Parity;

namespace Polymodal.Parity.Tests;

/// <summary>Every recorded reference that is found, case by case, by its own rules.</summary>
public sealed class ParityTests(OpenedReferences references) : IClassFixture<OpenedReferences>
{
    [ReferenceTheory("text"), Trait("Area", "text")]
    public void Text(string reference, string id, string file) => Compare(reference, id, file);

    [ReferenceTheory("tokenizers"), Trait("Area", "tokenizers")]
    public void Tokenizers(string reference, string id, string file) => Compare(reference, id, file);

    [ReferenceTheory("image"), Trait("Area", "image")]
    public void Image(string reference, string id, string file) => Compare(reference, id, file);

    [ReferenceTheory("audio"), Trait("Area", "audio")]
    public void Audio(string reference, string id, string file) => Compare(reference, id, file);

    [ReferenceTheory("media"), Trait("Area", "media")]
    public void Media(string reference, string id, string file) => Compare(reference, id, file);

    [ReferenceTheory("evaluation"), Trait("Area", "evaluation")]
    public void Evaluation(string reference, string id, string file) => Compare(reference, id, file);

    private void Compare(string reference, string id, string file)
    {
        IReadOnlyList<ParityRow> rows = references.Open(file).Cases.Single(c => c.Id == id).Compare();
        Assert.NotEmpty(rows);
        string[] failed = [.. rows.Where(row => row.Verdict is ParityVerdict.Fail or ParityVerdict.NotSupported)
            .Select(row => $"{row.Tensor}: {row.Verdict}, largest difference {row.LargestDifference:0.0e+0}, smallest cosine {row.SmallestCosine:0.000000}; {row.Note}")];
        Assert.True(failed.Length == 0, $"{reference}, case {id}:{Environment.NewLine}{string.Join(Environment.NewLine, failed)}");
    }
}

/// <summary>Keeps the models of a reference loaded while its cases run.</summary>
public sealed class OpenedReferences : IDisposable
{
    private string? _file;
    private ParityRun? _run;

    /// <summary>Opens a reference, closing the one before.</summary>
    /// <param name="file">Its JSON file.</param>
    public ParityRun Open(string file)
    {
        if (_file == file)
            return _run!;
        Dispose();
        _run = ParityRun.Open(file);
        _file = file;
        return _run;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run?.Dispose();
        (_run, _file) = (null, null);
    }
}
