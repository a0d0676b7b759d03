using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Local.Models;

/// <summary>
/// A folder whose towers are folders of their own in one space, as <c>towers.json</c> declares: texts, pictures and sounds (ImageBind's kind), or any two of them. A tower's folder
/// belongs to the space wherever it is opened from.
/// </summary>
/// <remarks>Immutable.</remarks>
internal sealed class TowersManifest
{
    /// <summary>Name of the file.</summary>
    public const string File = "towers.json";

    private readonly SortedDictionary<string, TowerEntry> _towers;

    private TowersManifest(string root, ManifestFile file)
    {
        Root = root;
        Name = Path.GetFileName(root);
        License = file.License ?? throw Field("license", "is missing. Name the licence of the weights, e.g. \"CC-BY-NC-4.0\"; whoever uses them must see it.");
        _towers = new(file.Towers ?? throw Field("towers", "is missing. Name the folders of the towers, e.g. { \"text\": { \"path\": \"text\" } }."), StringComparer.Ordinal);
        foreach ((string kind, TowerEntry tower) in _towers)
        {
            if (!Kinds.ContainsKey(kind))
                throw new NotSupportedException($"{Name}/{File}: towers has '{kind}'; supported: {string.Join(", ", Kinds.Keys)}. Leave it out.");
            if (string.IsNullOrWhiteSpace(tower.Path) || Path.IsPathRooted(tower.Path) || tower.Path.Split('/', '\\').Contains(".."))
                throw Field($"towers.{kind}.path", $"is '{tower.Path}'. Give a folder inside of the model folder.");
            if (!Directory.Exists(FolderOf(tower)))
                throw Field($"towers.{kind}.path", $"is '{tower.Path}', which is no folder. Fetch the whole model folder again.");
        }

        if (_towers.Count == 0)
            throw Field("towers", "is empty. Name the folders of the towers.");
    }

    /// <summary>What the towers are of, by the manifest's word.</summary>
    public static IReadOnlyDictionary<string, EmbeddingModality> Kinds { get; } = new Dictionary<string, EmbeddingModality>(StringComparer.Ordinal)
    {
        ["text"] = EmbeddingModality.Text,
        ["image"] = EmbeddingModality.Image,
        ["audio"] = EmbeddingModality.Audio,
    };

    /// <summary>Full path of the folder with the manifest.</summary>
    public string Root { get; }

    /// <summary>Its name, which the space has.</summary>
    public string Name { get; }

    /// <summary>The licence of the weights.</summary>
    public string License { get; }

    /// <summary>Reads a folder's manifest; null when it has none.</summary>
    /// <exception cref="InvalidDataException">A field is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">It names a kind of tower that is not built.</exception>
    public static TowersManifest? Of(string root)
    {
        string path = Path.Combine(root, File);
        if (!System.IO.File.Exists(path))
            return null;
        try
        {
            using FileStream stream = System.IO.File.OpenRead(path);
            return new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)), JsonSerializer.Deserialize(stream, TowersJson.Default.ManifestFile) ?? throw new InvalidDataException($"{path} holds null. Write the manifest again."));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message} Mend the manifest.", exception);
        }
    }

    /// <summary>The folder that has the model for a kind of input: of a folder with a manifest the tower's, else the folder itself.</summary>
    /// <exception cref="NotSupportedException">The manifest has no such tower.</exception>
    public static string Resolve(string path, EmbeddingModality modality)
    {
        if (string.IsNullOrWhiteSpace(path) || Of(path) is not { } manifest)
            return path;
        return manifest.FolderOf(modality) ?? throw new NotSupportedException(
            $"{manifest.Name}/{File} has no tower of kind '{Kinds.First(kind => kind.Value == modality).Key}'; it has: {string.Join(", ", manifest._towers.Keys)}. Use one of these, or another folder.");
    }

    /// <summary>The manifest that a folder is a tower of; null when it is none.</summary>
    /// <param name="fullPath">Full path of the tower's folder.</param>
    public static TowersManifest? Above(string fullPath)
    {
        for (string? root = Path.GetDirectoryName(fullPath); root is not null; root = Path.GetDirectoryName(root))
        {
            if (System.IO.File.Exists(Path.Combine(root, File)))
                return Readable(root) is { } manifest && manifest._towers.Values.Any(tower => manifest.FolderOf(tower) == fullPath) ? manifest : null;
        }

        return null;
    }

    /// <summary>Full path of the folder of a tower; null when there is no such tower.</summary>
    public string? FolderOf(EmbeddingModality modality) =>
        _towers.FirstOrDefault(tower => Kinds[tower.Key] == modality) is { Value: { } entry } ? FolderOf(entry) : null;

    /// <summary>The scale that the manifest gives a tower; null when it gives none.</summary>
    public ContrastiveScale? ScaleOf(ModelFolder tower) =>
        _towers.Values.FirstOrDefault(entry => FolderOf(entry) == tower.FullPath) is { LogitScale: { } scale } found ? new(scale, found.LogitBias, File) : null;

    /// <summary>A hash over what the towers' vectors depend on, weights left out: the revision of the space that all share.</summary>
    public string RevisionHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string kind, TowerEntry tower) in _towers)
        {
            foreach (string file in TwoTowerFolder.RevisionFiles("").Append("sentence_bert_config.json").Where(file => System.IO.File.Exists(Path.Combine(FolderOf(tower), file))))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{kind}/{file}\n"));
                hash.AppendData(SHA256.HashData(System.IO.File.ReadAllBytes(Path.Combine(FolderOf(tower), file))));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A file of that name above a model may be for something else. What is wrong with a manifest is told to whoever opens its own folder.
    private static TowersManifest? Readable(string root)
    {
        try
        {
            return Of(root);
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }

    private string FolderOf(TowerEntry tower) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(Root, tower.Path!)));

    private InvalidDataException Field(string field, string message) => new($"{Name}/{File}: {field} {message}");
}

/// <summary><c>towers.json</c>.</summary>
internal sealed record ManifestFile(string? License, Dictionary<string, TowerEntry>? Towers);

/// <summary>One tower: its folder in the model folder, and its scale where no file of the folder says it.</summary>
internal sealed record TowerEntry(string? Path, double? LogitScale, double? LogitBias);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ManifestFile))]
internal sealed partial class TowersJson : JsonSerializerContext;
