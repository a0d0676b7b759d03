namespace Polymodal.PublicApi;

/// <summary>The approved surfaces, one text an assembly, in the source folder <c>Approved</c>.</summary>
internal static class Approved
{
    /// <summary>The folder in the source tree, found from the output folder by the solution file.</summary>
    public static string Folder { get; } = Repository.PathOf("tests/PublicApi.Tests/Approved");

    public static IEnumerable<string> Assemblies => Directory.EnumerateFiles(Folder, "*.txt")
        .Select(file => Path.GetFileNameWithoutExtension(file)).Where(name => !name.EndsWith(".received", StringComparison.Ordinal));

    /// <summary>The approved text, or nothing when there is none yet. Line ends are <c>\n</c> whatever the checkout made of them.</summary>
    public static string Read(string assembly)
    {
        string file = FileOf(assembly);
        return File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
    }

    /// <summary>Keeps the surface that was found beside the approved one.</summary>
    /// <returns>What to do to approve it.</returns>
    public static string WriteReceived(string assembly, string surface)
    {
        string received = Path.ChangeExtension(FileOf(assembly), ".received.txt");
        File.WriteAllText(received, surface);
        return $"It is in {received}; to approve it, copy that file over {Path.GetFileName(FileOf(assembly))} beside it.";
    }

    /// <summary>Removes what an earlier run left behind.</summary>
    public static void DeleteReceived(string assembly) => File.Delete(Path.ChangeExtension(FileOf(assembly), ".received.txt"));

    private static string FileOf(string assembly) => Path.Combine(Folder, assembly + ".txt");
}
