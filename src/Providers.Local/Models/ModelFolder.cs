using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polymodal.Providers.Local.Onnx;

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
        Name = Path.GetFileName(FullPath);
        Towers = TowersManifest.Above(FullPath);
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>The folder's own name, which stands for the model in messages and identities.</summary>
    public string Name { get; }

    /// <summary>The manifest that this folder is a tower of; null when it is none.</summary>
    internal TowersManifest? Towers { get; }

    /// <summary>Full path of a file of the folder; it is part of the fingerprint from now on.</summary>
    /// <param name="relativePath">With <c>/</c> as separator.</param>
    internal string Use(string relativePath)
    {
        _read.Add(relativePath);
        return Path.Combine(FullPath, relativePath);
    }

    /// <summary>Full path of a file of weights, of which the folder may have several that stand for one another: part of the fingerprint, not of the revision.</summary>
    /// <param name="relativePath">With <c>/</c> as separator.</param>
    internal string UseWeights(string relativePath)
    {
        _weights.Add(relativePath);
        return Use(relativePath);
    }

    /// <summary>Loads a graph; the files that it keeps tensors in must lie in the folder. All are part of the fingerprint, none of the revision.</summary>
    /// <param name="relativePath">The ONNX file, with <c>/</c> as separator; see <see cref="ModelWeights.FindIn"/>.</param>
    /// <param name="options">How it is run.</param>
    /// <exception cref="FileNotFoundException">A file of tensors is missing.</exception>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot read it, or it keeps tensors outside of the folder.</exception>
    /// <exception cref="NotSupportedException">This build of ONNX Runtime has no such execution provider.</exception>
    internal OnnxModel LoadGraph(string relativePath, OnnxModelOptions options)
    {
        string path = UseWeights(relativePath);
        foreach (string location in OnnxExternalData.Locations(path))
        {
            string data = Path.GetRelativePath(FullPath, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, location))).Replace('\\', '/');
            if (Path.IsPathRooted(location) || Path.IsPathRooted(data) || data.StartsWith("../", StringComparison.Ordinal))
                throw new InvalidDataException($"{Name}/{relativePath}: external_data.location is '{location}', which lies outside of the model folder. Use a file that keeps its tensors beside it.");
            if (!Has(data))
                throw Missing(data);
            UseWeights(data);
        }

        return OnnxModel.Load(path, options);
    }

    /// <summary>Whether the folder has a file.</summary>
    /// <param name="relativePath">With <c>/</c> as separator.</param>
    internal bool Has(string relativePath) => File.Exists(Path.Combine(FullPath, relativePath));

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
        new($"{Name}/{relativePath} is missing in {FullPath}. Fetch the whole model folder again.", Path.Combine(FullPath, relativePath));

    /// <summary>A hash over the names and contents of all files read.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    internal string FingerprintHash() => Hash(_read);

    /// <summary>A hash over the names and contents of the files read, weights left out: what gives vectors that compare. A folder of weights alone has nothing else to be told by.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    internal string RevisionHash() => Hash(_read.Any(file => !_weights.Contains(file)) ? _read.Except(_weights, StringComparer.Ordinal) : _read);

    /// <summary>The space of the vectors that the files read so far stand for.</summary>
    /// <param name="dimensions">Length of a vector.</param>
    /// <param name="metric">The measure of nearness.</param>
    /// <param name="isUnit">Whether every vector has unit length.</param>
    /// <param name="unsaid">What no file says and gives other vectors, e.g. a chosen pooling; part of both identities. Empty for nothing.</param>
    /// <param name="unsaidBits">What no file says and only the fingerprint must tell. Empty for nothing.</param>
    /// <param name="revisionFiles">The files whose contents are the revision, where several towers share a space; null for all that were read.</param>
    internal EmbeddingSpace Space(int dimensions, SimilarityMetric metric, bool isUnit, string unsaid = "", string unsaidBits = "", IEnumerable<string>? revisionFiles = null) => new()
    {
        // The weights' own bytes are left out: the fp32 and the int8 file of a folder give one space.
        SpaceId = $"{Towers?.Name ?? Name}@{(Towers is not null ? Towers.RevisionHash() : revisionFiles is null ? RevisionHash() : Hash(revisionFiles.Where(Has)))[..12]}/{dimensions}/{metric.ToString().ToLowerInvariant()}/{(isUnit ? "unit" : "raw")}{unsaid}",
        Fingerprint = FingerprintHash() + unsaid + unsaidBits,
        Dimensions = dimensions,
        Metric = metric,
        IsNormalized = isUnit,
    };

    private string Hash(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + '\n'));
            using FileStream stream = File.OpenRead(Path.Combine(FullPath, file));
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
