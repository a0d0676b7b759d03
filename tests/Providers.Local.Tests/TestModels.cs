namespace Polymodal.Providers.Local.Tests;

/// <summary>The model folders that tests read: the tiny ones among the recorded references, and the one that ships.</summary>
internal static class TestModels
{
    /// <summary>The repository's folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>A BERT of 32 dimensions: mean pooling, then unit length.</summary>
    public static string Tiny => Reference("bert-mean-normalize");

    /// <summary>all-MiniLM-L6-v2.</summary>
    public static string MiniLM => Path.Combine(Repository, "models", "all-MiniLM-L6-v2");

    /// <summary>A model folder of the recorded references.</summary>
    public static string Reference(string name) => Path.Combine(Repository, "tests", "Fixtures", "reference", "text", name);

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Polymodal.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Polymodal.slnx is in no folder above the tests. Run them from a clone.");
    }
}

/// <summary>A copy of a model folder that a test may damage; gone when the test is over.</summary>
internal sealed class DamagedModel : IDisposable
{
    public DamagedModel(string source)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            if (System.IO.Path.GetFileName(file).StartsWith("reference", StringComparison.Ordinal))
                continue;
            string target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("polymodal-model-").FullName;

    public string this[string relativePath] => System.IO.Path.Combine(Path, relativePath);

    public void Write(string relativePath, string content) => File.WriteAllText(this[relativePath], content);

    public void Cut(string relativePath, long length)
    {
        using FileStream stream = File.OpenWrite(this[relativePath]);
        stream.SetLength(length);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
