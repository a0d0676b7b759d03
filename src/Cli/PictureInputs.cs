using System.CommandLine;
using Microsoft.Extensions.AI;

namespace Polymodal.Cli;

/// <summary>The pictures of a command: files, and folders with all pictures below them.</summary>
internal sealed class PictureInputs
{
    /// <summary>What is looked for in folders; a file that is named is read whatever its name.</summary>
    public static readonly string[] Endings = [".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ".bmp", ".ppm", ".pgm", ".pbm"];

    private readonly Argument<string[]> _paths = new("pictures") { Description = "Files of pictures, or folders of them", Arity = ArgumentArity.OneOrMore };

    public void AddTo(Command command) => command.Arguments.Add(_paths);

    /// <summary>All files, those of a folder in the order of their names.</summary>
    /// <exception cref="FileNotFoundException">A path is neither file nor folder.</exception>
    /// <exception cref="ArgumentException">A folder has no picture.</exception>
    public IReadOnlyList<string> Files(ParseResult arguments)
    {
        var files = new List<string>();
        foreach (string path in arguments.GetRequiredValue(_paths))
        {
            if (!Directory.Exists(path))
            {
                files.Add(File.Exists(path) ? path : throw new FileNotFoundException($"{path} is neither a file nor a folder. Give pictures, or folders of them.", path));
                continue;
            }

            string[] found = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
            files.AddRange(found.Length > 0 ? found : throw new ArgumentException($"{path} has no pictures ({string.Join(", ", Endings)})."));
        }

        return files;
    }

    /// <summary>A file's content, as generators take it.</summary>
    public static async Task<DataContent> ReadAsync(string file, CancellationToken cancellationToken) => new(await File.ReadAllBytesAsync(file, cancellationToken), "image/*");
}
