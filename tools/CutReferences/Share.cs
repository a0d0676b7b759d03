namespace CutReferences;

/// <summary>The files that a share takes from a root of recorded references.</summary>
internal static class Share
{
    /// <summary>Reads the list and resolves it to files.</summary>
    /// <param name="listFile">One file or folder a line, relative to the root; <c>#</c> begins a comment line.</param>
    /// <param name="root">The root of recorded references.</param>
    /// <returns>Paths relative to the root, with <c>/</c>, in ordinal order.</returns>
    /// <exception cref="InvalidDataException">A line names nothing in the root, or something outside it.</exception>
    public static string[] Read(string listFile, string root)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in File.ReadLines(listFile))
        {
            number++;
            string entry = line.Trim();
            if (entry.Length > 0 && entry[0] != '#')
                files.UnionWith(FilesOf(entry, root, $"{listFile}: line {number}"));
        }

        return [.. files];
    }

    private static IEnumerable<string> FilesOf(string entry, string root, string where)
    {
        string path = Path.GetFullPath(entry, root);
        if (Path.GetRelativePath(root, path) is var relative && (relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative)))
            throw new InvalidDataException($"{where}: '{entry}' lies outside the root. Name a file or folder below it.");
        if (File.Exists(path))
            return [Relative(root, path)];
        if (!Directory.Exists(path))
            throw new InvalidDataException($"{where}: the root has no '{entry}'. Correct the line, or give another root.");
        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".py", StringComparison.OrdinalIgnoreCase))
            .Select(file => Relative(root, file));
    }

    private static string Relative(string root, string file) => Path.GetRelativePath(root, file).Replace('\\', '/');
}
