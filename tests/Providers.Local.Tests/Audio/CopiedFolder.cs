namespace Polymodal.Providers.Local.Tests.Audio;

/// <summary>A copy of a model folder, without its record, that a test may change.</summary>
internal sealed class CopiedFolder : IDisposable
{
    public CopiedFolder(string source)
    {
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories).Where(file => !System.IO.Path.GetFileName(file).StartsWith("reference", StringComparison.Ordinal)))
        {
            string copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"polymodal-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
