using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Polymodal.Providers.Local.Models;

/// <summary>
/// A folder laid out as on a model hub. Everything about a model is read from its files, never guessed;
/// what was read is remembered, so that the model's fingerprint covers just that.
/// </summary>
/// <remarks>Safe for concurrent use once loading is over.</remarks>
public sealed class ModelFolder
{
    private readonly SortedSet<string> _read = new(StringComparer.Ordinal), _weights = new(StringComparer.Ordinal);

    /// <summary>Opens a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public ModelFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FullPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(FullPath))
            throw new DirectoryNotFoundException($"{FullPath} is not a folder. Give the folder of a model as a hub has it (with tokenizer.json, config.json and an ONNX file).");
        Name = System.IO.Path.GetFileName(FullPath);
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>The folder's own name, which stands for the model in messages and identities.</summary>
    public string Name { get; }

    /// <summary>Full path of a file of the folder; it is part of the fingerprint from now on.</summary>
    /// <param name="relativePath">With <c>/</c> as separator.</param>
    internal string Use(string relativePath)
    {
        _read.Add(relativePath);
        return System.IO.Path.Combine(FullPath, relativePath);
    }

    /// <summary>Full path of a file of weights, of which the folder may have several that stand for one another: part of the fingerprint, not of the revision.</summary>
    /// <param name="relativePath">With <c>/</c> as separator.</param>
    internal string UseWeights(string relativePath)
    {
        _weights.Add(relativePath);
        return Use(relativePath);
    }

    /// <summary>Whether the folder has a file.</summary>
    /// <param name="relativePath">With <c>/</c> as separator.</param>
    internal bool Has(string relativePath) => File.Exists(System.IO.Path.Combine(FullPath, relativePath));

    /// <summary>Reads a JSON file, or gives null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is no JSON or a field has another type; the message names both.</exception>
    internal T? ReadOptional<T>(string relativePath, JsonTypeInfo<T> type)
        where T : class
    {
        if (!Has(relativePath))
            return null;
        try
        {
            using FileStream stream = File.OpenRead(Use(relativePath));
            return JsonSerializer.Deserialize(stream, type) ?? throw new InvalidDataException($"{Name}/{relativePath} holds null. Fetch the file again.");
        }
        catch (JsonException exception)
        {
            // Of a wrong type the inner exception says what was found; of broken JSON the outer one does, with path and line appended.
            string reason = exception.InnerException?.Message ?? exception.Message.Split(" Path: ", 2)[0];
            string place = exception.Path is null or "$" ? "" : $" field {exception.Path}:";
            throw new InvalidDataException($"{Name}/{relativePath}:{place} {reason} (line {exception.LineNumber + 1}) Fetch the file again or mend it.", exception);
        }
    }

    /// <summary>Reads a JSON file.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON or a field has another type; the message names both.</exception>
    internal T Read<T>(string relativePath, JsonTypeInfo<T> type)
        where T : class => ReadOptional(relativePath, type) ?? throw Missing(relativePath);

    /// <summary>The error for a file that should be there.</summary>
    internal FileNotFoundException Missing(string relativePath) =>
        new($"{Name}/{relativePath} is missing in {FullPath}. Fetch the whole model folder again.", System.IO.Path.Combine(FullPath, relativePath));

    /// <summary>A hash over the names and contents of all files read.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    internal string FingerprintHash() => Hash(_read);

    /// <summary>A hash over the names and contents of the files read, weights left out: what gives vectors that compare.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    internal string RevisionHash() => Hash(_read.Except(_weights, StringComparer.Ordinal));

    private string Hash(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + '\n'));
            using FileStream stream = File.OpenRead(System.IO.Path.Combine(FullPath, file));
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
