
namespace Polymodal.Evaluation.Parity.Tests;

public sealed class ReferenceTests : IDisposable
{
    private readonly ReferenceCopy _copy = new("mpnet-mean");

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void Plain_and_gzipped_records_read_the_same()
    {
        string plain = Reference.Read(_copy.Json).Json.GetRawText();
        _copy.Gzip();
        string packed = Assert.Single(Reference.FilesIn(_copy.Folder));
        Assert.EndsWith("reference.json.gz", packed, StringComparison.Ordinal);
        Reference reference = Reference.Read(packed);
        Assert.Equal(plain, reference.Json.GetRawText());
        Assert.True(reference.Tensors!.Has("tokenize/ids"));
        Assert.Equal(_copy.Folder, reference.Folder);
    }

    [Fact]
    public void Folder_lists_its_records_by_name_and_nothing_else()
    {
        foreach (string name in (string[])["reference-int8.json", "reference-b.json.gz", "reference.json.txt", "references.md", "generated.json"])
            File.WriteAllText(_copy.PathOf(name), "");
        Assert.Equal(["reference-b.json.gz", "reference-int8.json", "reference.json"], Reference.FilesIn(_copy.Folder).Select(file => Path.GetFileName(file)!));
        Assert.Contains("/no/such/folder", Assert.Throws<DirectoryNotFoundException>(() => Reference.FilesIn("/no/such/folder")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Record_without_tensors_has_none()
    {
        _copy.Delete("reference.safetensors");
        Assert.Null(Reference.Read(_copy.Json).Tensors);
        using ParityRun run = ParityRun.Open(_copy.Json);
        Assert.Equal(ParityVerdict.NotSupported, run.Cases.Single().Compare().Single().Verdict);
    }

    [Theory]
    [InlineData(""), InlineData("[]"), InlineData("7"), InlineData("{"), InlineData("{}"), InlineData("""{"name": 5}"""), InlineData("""{"name": null}""")]
    [InlineData("""{"name": "x", "compare": 5}"""), InlineData("""{"name": "x", "compare": {"rules": 5}}"""), InlineData("""{"name": "x", "compare": {"rules": [{"tensors": 5}]}}""")]
    public void Damaged_record_is_named(string json)
    {
        File.WriteAllText(_copy.Json, json);
        Assert.Contains(_copy.Json, Assert.Throws<InvalidDataException>(() => Reference.Read(_copy.Json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_gzip_is_damaged()
    {
        _copy.Gzip();
        _copy.Cut("reference.json.gz");
        Assert.Throws<InvalidDataException>(() => Reference.Read(_copy.Json + ".gz"));
    }
}
