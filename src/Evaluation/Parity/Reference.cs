using System.IO.Compression;
using System.Text.Json;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Evaluation.Parity;

/// <summary>A recorded reference: what the library a model comes from really computed. It lies beside the model.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class Reference
{
    // The lists of recorded sounds are references too, by names of their own.
    private const string Sounds = "sounds.json", HostileSounds = "hostile.json";

    private Reference(string file, JsonElement json, SafeTensors? tensors)
    {
        File = file;
        Json = json;
        Tensors = tensors;
        Rules = new ComparisonRules(json);
    }

    /// <summary>Full path of the JSON file.</summary>
    public string File { get; }

    /// <summary>The folder it lies in.</summary>
    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>The whole record.</summary>
    public JsonElement Json { get; }

    /// <summary>The recorded tensors, or null when there are none.</summary>
    public SafeTensors? Tensors { get; }

    /// <summary>What must agree, and how closely.</summary>
    public ComparisonRules Rules { get; }

    /// <summary>All references of a folder: <c>reference.json</c>, <c>reference-*.json</c>, each also gzipped; <c>sounds.json</c> with the <c>hostile.json</c> beside it.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>In the order of their names; empty when the folder has none.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IReadOnlyList<string> FilesIn(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder} is not a folder. Give the folder of a model with its reference.json.");
        string[] lists = System.IO.File.Exists(Path.Combine(folder, Sounds)) ? [Sounds, HostileSounds] : [];
        return [.. lists.Prepend("reference*.json*").SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))
            .Where(file => file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(".json.gz", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads a reference and the tensors beside it.</summary>
    /// <param name="file">The JSON file, possibly gzipped.</param>
    /// <exception cref="InvalidDataException">The file is damaged or no reference.</exception>
    public static Reference Read(string file)
    {
        string path = Path.GetFullPath(file);
        string stem = path[..path.LastIndexOf(".json", StringComparison.Ordinal)];
        try
        {
            using Stream stream = System.IO.File.OpenRead(path);
            using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
            JsonElement json = JsonDocument.Parse(content).RootElement;
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String)
                throw new InvalidDataException($"{file} is no reference: it has no text 'name'. Give a folder with a recorded reference.json.");
            string tensors = stem + ".safetensors";
            return new Reference(path, json, System.IO.File.Exists(tensors) ? SafeTensors.Read(tensors) : null);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file} is not JSON: {exception.Message} Fetch the file again.", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"{file}: a field of 'compare' has another type: {exception.Message} Fetch the file again.", exception);
        }
    }
}
