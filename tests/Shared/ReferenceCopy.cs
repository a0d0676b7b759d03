using System.IO.Compression;

namespace Polymodal.Tests;

/// <summary>A copy of a recorded reference of the repository, with its model folder, that a test may damage.</summary>
internal sealed class ReferenceCopy : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("polymodal-");

    /// <summary>Copies a folder.</summary>
    /// <param name="name">Its name among the references of text, e.g. <c>e5-prompts</c>.</param>
    public ReferenceCopy(string name)
    {
        Folder = Path.Combine(_parent.FullName, name);
        string source = Repository.Reference($"text/{name}");
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(Folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>The copy.</summary>
    public string Folder { get; }

    /// <summary>Its record.</summary>
    public string Json => PathOf("reference.json");

    /// <summary>Its tensors.</summary>
    public string Tensors => PathOf("reference.safetensors");

    /// <summary>A file of the copy.</summary>
    public string PathOf(string relativePath) => Path.Combine([Folder, .. relativePath.Split('/')]);

    /// <summary>Removes a file.</summary>
    public void Delete(string relativePath) => File.Delete(PathOf(relativePath));

    /// <summary>Loses the end of a file.</summary>
    /// <param name="relativePath">The file.</param>
    /// <param name="length">Bytes that are left; negative: bytes that are lost; null: half of them.</param>
    public void Cut(string relativePath, long? length = null)
    {
        using FileStream stream = File.OpenWrite(PathOf(relativePath));
        stream.SetLength(length switch
        {
            null => stream.Length / 2,
            < 0 => stream.Length + length.Value,
            _ => length.Value,
        });
    }

    /// <summary>Gives a file other content.</summary>
    public void Write(string relativePath, string content) => File.WriteAllText(PathOf(relativePath), content);

    /// <summary>Puts text in the place of other text, which must be there.</summary>
    public void Replace(string relativePath, string old, string @new)
    {
        string text = File.ReadAllText(PathOf(relativePath));
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(PathOf(relativePath), text.Replace(old, @new, StringComparison.Ordinal));
    }

    /// <summary>Leaves <c>reference.json.gz</c> in the place of <c>reference.json</c>.</summary>
    public void Gzip()
    {
        using (FileStream plain = File.OpenRead(Json))
        using (var packed = new GZipStream(File.Create(Json + ".gz"), CompressionLevel.Fastest))
            plain.CopyTo(packed);
        File.Delete(Json);
    }

    /// <inheritdoc/>
    public void Dispose() => _parent.Delete(recursive: true);
}
