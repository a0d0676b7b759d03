namespace Polymodal.Providers.Local.Models;

/// <summary>Which ONNX file of a model folder to run: a precision, whose usual file names are looked for, or a file.</summary>
public readonly record struct ModelWeights
{
    private static readonly Dictionary<string, string[]> Files = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fp32"] = ["onnx/model.onnx", "model.onnx"],
        ["int8"] = ["onnx/model_int8.onnx", "model_int8.onnx"],
    };

    private readonly string? _value;

    private ModelWeights(string value) => _value = value;

    /// <summary>The file that computes in float32 (<c>model.onnx</c>): as close to Python as it gets. The default.</summary>
    public static ModelWeights Float32 { get; } = new("fp32");

    /// <summary>The file of integer arithmetic (<c>model_int8.onnx</c>): faster and a little less exact.</summary>
    public static ModelWeights Int8 { get; } = new("int8");

    /// <summary>A file of the folder.</summary>
    /// <param name="relativePath">With <c>/</c> as separator, e.g. <c>onnx/model_O3.onnx</c>.</param>
    /// <exception cref="ArgumentException">It is empty, or leads out of the folder.</exception>
    public static ModelWeights File(string relativePath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(relativePath);
        if (Path.IsPathRooted(relativePath) || relativePath.Split('/', '\\').Contains(".."))
            throw new ArgumentException($"relativePath is '{relativePath}'. Give a path inside the model folder.", nameof(relativePath));
        return new(relativePath);
    }

    /// <summary>Reads <c>fp32</c>, <c>int8</c> or a file's path, as a person types it.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="ArgumentException">It is neither a known precision nor the path of an <c>.onnx</c> file.</exception>
    public static ModelWeights Parse(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        if (Files.ContainsKey(value))
            return new(value.ToLowerInvariant());
        return value.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
            ? File(value)
            : throw new ArgumentException($"'{value}' is no weight file; known: {string.Join(", ", Files.Keys)}, or the path of an .onnx file inside the model folder.", nameof(value));
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "fp32";

    /// <summary>The file's path in a folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has none of the files.</exception>
    internal string FindIn(ModelFolder folder)
    {
        string[] candidates = Files.TryGetValue(ToString(), out string[]? names) ? names : [ToString()];
        return candidates.FirstOrDefault(folder.Has) ?? throw new FileNotFoundException(
            $"{folder.Name}: none of {string.Join(", ", candidates)} is in {folder.FullPath}. Fetch or export the ONNX file, or choose another one.", Path.Combine(folder.FullPath, candidates[0]));
    }
}
