namespace Polymodal.Evaluation.Parity;

/// <summary>Pictures and sounds that references name. Their paths count from the root that a reference lies in, else from any other root given.</summary>
internal static class RecordedMedia
{
    private const string Roots = "POLYMODAL_REFERENCE";

    /// <summary>Full path of a file, or null when no root has it.</summary>
    /// <param name="reference">The reference that names it.</param>
    /// <param name="path">With <c>/</c> as separator, e.g. <c>media/images/photo-flower.jpg</c>.</param>
    public static string? Find(Reference reference, string path)
    {
        for (DirectoryInfo? folder = new(reference.Folder); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, path)))
                return Path.Combine(folder.FullName, path);
        }

        return (Environment.GetEnvironmentVariable(Roots) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(root => Path.Combine(root, path)).FirstOrDefault(File.Exists);
    }

    /// <summary>Whether a file keeps its pixels only nearly.</summary>
    public static bool IsLossy(string path) => Path.GetExtension(path).ToLowerInvariant() is ".jpg" or ".jpeg" or ".webp" or ".avif";
}
