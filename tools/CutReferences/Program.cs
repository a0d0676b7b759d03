// Copies a compact share of the recorded references into the repository and writes down where each file comes from:
//   dotnet run --project tools/CutReferences -- <root of the references> tools/CutReferences/share.txt tests/Fixtures/reference
// Nothing is deleted: a file that the share no longer names is reported, to be removed by hand.
using CutReferences;

const long MostBytes = 120_000_000;

if (args is not [var source, var list, var target])
{
    Console.Error.WriteLine("Usage: CutReferences <root of the references> <share.txt> <target folder>");
    return 2;
}

try
{
    string[] files = Share.Read(list, Path.GetFullPath(source));
    string[] others = Directory.Exists(target)
        ? [.. Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(target, file).Replace('\\', '/'))
            .Except(files).Where(file => file != Provenance.FileName).Order(StringComparer.Ordinal)]
        : [];
    long bytes = files.Sum(file => new FileInfo(Path.Combine(source, file)).Length) + others.Sum(file => new FileInfo(Path.Combine(target, file)).Length);
    if (bytes > MostBytes)
        throw new InvalidDataException($"{list}: the share takes {bytes:N0} bytes, at most {MostBytes:N0} are allowed. Shorten the list.");

    foreach (string file in files)
    {
        // Written, not copied: the references are read-only, and a copy would be too.
        string copy = Path.Combine(target, file);
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.WriteAllBytes(copy, File.ReadAllBytes(Path.Combine(source, file)));
    }

    File.WriteAllText(Path.Combine(target, Provenance.FileName), Provenance.Describe(target, source));
    foreach (string file in others)
        Console.WriteLine($"not in the share: {file}");
    Console.WriteLine($"{files.Length} files of the share and {others.Length} others, {bytes:N0} bytes.");
    return 0;
}
catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
