using Polymodal.Evaluation.Parity.Audio;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Evaluation.Parity;

/// <summary>A reference, opened to be compared with what this library computes from the same folder.</summary>
/// <remarks>Not safe for concurrent use. Models are loaded when a case first needs them.</remarks>
public sealed class ParityRun : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private ParityRun(Reference reference)
    {
        Reference = reference;
        Name = reference.Json.GetProperty("name").GetString()!;
    }

    /// <summary>The reference.</summary>
    public Reference Reference { get; }

    /// <summary>What the reference calls itself.</summary>
    public string Name { get; }

    /// <summary>The cases of the reference, those that are not supported among them.</summary>
    public IReadOnlyList<ParityCase> Cases { get; private set; } = [];

    /// <summary>Opens a reference.</summary>
    /// <param name="file">The <c>reference.json</c>, possibly gzipped.</param>
    /// <exception cref="InvalidDataException">The reference or a file of the model is damaged.</exception>
    public static ParityRun Open(string file)
    {
        var run = new ParityRun(Reference.Read(file));
        try
        {
            run.Cases = [.. run.Reading("the record", run.ReadCases).Select(c => c with { Compare = () => run.Compare(c) })];
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Frees the models.</summary>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
        _owned.Clear();
    }

    /// <summary>The kinds of references, each with how it is told and read; the first that fits.</summary>
    private static readonly (Func<Reference, bool> Reads, Func<ParityRun, IReadOnlyList<ParityCase>> Cases)[] Kinds =
    [
        (ResizeReference.Reads, run => new ResizeReference(run.Reference).Cases()),
        (PreprocessReference.Reads, run => new PreprocessReference(run.Reference).Cases()),
        (ImageReference.Reads, run => new ImageReference(run.Reference, model => run.Own(model)).Cases()),
        (Model2VecReference.Reads, run => new Model2VecReference(run.Reference, run.Load).Cases()),
        (WordVectorsReference.Reads, run => new WordVectorsReference(run.Reference).Cases()),
        (TextReference.Reads, run => new TextReference(run.Reference, run.Load).Cases()),
        (RecordedTextModel.Reads, run => new RecordedTextModel(run.Reference, run.Load).Cases()),
        (TokenizerFolderReference.Reads, run => new TokenizerFolderReference(run.Reference).Cases()),
        (TruncationReference.Reads, run => new TruncationReference(run.Reference).Cases()),
        (InvalidTokenizerReference.Reads, run => new InvalidTokenizerReference(run.Reference).Cases()),
        (VectorSearchReference.Reads, run => new VectorSearchReference(run.Reference).Cases()),
        (FusionReference.Reads, run => new FusionReference(run.Reference).Cases()),
        (ClipStyleReference.Reads, run => new ClipStyleReference(run.Reference).Cases()),
        (ClassificationReference.Reads, run => new ClassificationReference(run.Reference).Cases()),
        (LexicalReference.Reads, run => new LexicalReference(run.Reference).Cases()),
        (QuantizationReference.Reads, run => new QuantizationReference(run.Reference).Cases()),
        (RecordedWhisper.Reads, run => new RecordedWhisper(run.Reference, run._owned.Add).Cases()),
        (RecordedVoices.Reads, run => new RecordedVoices(run.Reference, run._owned.Add).Cases()),
        (SoundFiles.Reads, run => new SoundFiles(run.Reference).Cases()),
        (HostileSoundFiles.Reads, run => new HostileSoundFiles(run.Reference).Cases()),
        (AudioModelReference.Reads, run => new AudioModelReference(run.Reference, run._owned.Add).Cases()),
        (AudioExtractorReference.Reads, run => new AudioExtractorReference(run.Reference).Cases()),
        (AudioSignalReference.Reads, run => new AudioSignalReference(run.Reference).Cases()),
    ];

    private IReadOnlyList<ParityCase> ReadCases()
    {
        foreach ((Func<Reference, bool> reads, Func<ParityRun, IReadOnlyList<ParityCase>> cases) in Kinds)
        {
            if (reads(Reference))
                return cases(this);
        }

        return [ParityCase.Unsupported("all", "this kind of reference is not built yet")];
    }

    // What is not built may show only when a case runs; it is then reported and not an error.
    private IReadOnlyList<ParityRow> Compare(ParityCase recorded)
    {
        try
        {
            return Reading($"case '{recorded.Id}'", recorded.Compare);
        }
        catch (NotSupportedException exception)
        {
            return ParityCase.Unsupported(recorded.Id, exception.Message).Compare();
        }
    }

    // A field or tensor that is missing or of another kind shows wherever it is first used.
    private T Reading<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException and not ObjectDisposedException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{Reference.File}: {what} cannot be read: {exception.Message} Fetch the folder again.", exception);
        }
    }

    private LocalTextModel Load(Func<LocalTextModel> load) => Own(load());

    private T Own<T>(T model)
        where T : IDisposable
    {
        _owned.Add(model);
        return model;
    }
}

/// <summary>One case of a reference.</summary>
/// <param name="Id">Its id, unique in the reference.</param>
/// <param name="NotSupported">Why it cannot be run; null when it can.</param>
/// <param name="Compare">Computes everything and compares it; one row a tensor.</param>
public sealed record ParityCase(string Id, string? NotSupported, Func<IReadOnlyList<ParityRow>> Compare)
{
    internal static ParityCase Unsupported(string id, string reason) =>
        new(id, reason, () => [new ParityRow(id, "", null, null, ParityVerdict.NotSupported, reason)]);
}
