namespace Polymodal.Samples.RagDemo.Tests;

/// <summary>A folder of documents and a place for a database, gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ragdemo-");

    public TemporaryFolder() => _root.CreateSubdirectory("documents");

    public string Documents => Path.Combine(_root.FullName, "documents");

    public string Database => PathOf("ragdemo.db");

    public string PathOf(string name) => Path.Combine(_root.FullName, name);

    public void Write(string name, string text)
    {
        string path = Path.Combine(Documents, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>One Markdown file with many passages, no two alike.</summary>
    public void WritePassages(string name, int count, int words) => Write(name, string.Concat(Enumerable.Range(1, count).Select(
        number => $"## Note {number}\n\nEntry {number} says {string.Join(' ', Enumerable.Range(0, words).Select(word => Words[(number * 7 + word * word) % Words.Length]))}.\n\n")));

    public void Dispose() => _root.Delete(recursive: true);

    private static readonly string[] Words = ["river", "lantern", "copper", "meadow", "winter", "engine", "paper", "falcon", "harbour", "salt", "mirror", "thunder", "needle"];
}
