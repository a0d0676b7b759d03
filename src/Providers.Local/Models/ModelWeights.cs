using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Polymodal.Providers.Local.Models;

/// <summary>Which ONNX file of a model folder to run: a precision, whose usual file names are looked for, what the processor does well, or a file.</summary>
public readonly record struct ModelWeights
{
    private const string AutoName = "auto";
    private static readonly string[] Folders = ["onnx/", ""], UsualStems = ["model", "encoder_model"];

    // What exporters append to the file name, best known first. A new precision or dialect is one line.
    private static readonly Dictionary<string, string[]> Suffixes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fp32"] = [""],
        ["fp16"] = ["_fp16"],
        ["int8"] = ["_int8", "_quantized", "_uint8", "_qint8_avx512_vnni", "_qint8_avx512", "_quint8_avx2", "_qint8_arm64"],
        ["q4"] = ["_q4", "_q4f16", "_bnb4"],
    };

    private readonly string? _value;

    private ModelWeights(string value) => _value = value;

    /// <summary>The file that computes in float32 (<c>model.onnx</c>): as close to Python as it gets. The default.</summary>
    public static ModelWeights Float32 { get; } = new("fp32");

    /// <summary>The file that stores float16 (<c>model_fp16.onnx</c>): half the size; on most processors not faster.</summary>
    public static ModelWeights Float16 { get; } = new("fp16");

    /// <summary>The file of integer arithmetic (<c>model_int8.onnx</c>, <c>model_quantized.onnx</c>): faster and a little less exact.</summary>
    public static ModelWeights Int8 { get; } = new("int8");

    /// <summary>The file of four-bit weights (<c>model_q4.onnx</c>): the smallest, for large decoders.</summary>
    public static ModelWeights Q4 { get; } = new("q4");

    /// <summary>
    /// What the processor does well among the files the folder has: int8 where there are instructions for its dot products (AVX-VNNI, AVX-512 VNNI,
    /// Arm dot product), else float32; then whatever is there. The choice shows in <c>Detect()</c>.
    /// </summary>
    public static ModelWeights Auto { get; } = new(AutoName);

    /// <summary>The words that <see cref="Parse"/> knows beside a file's path.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Suffixes.Keys, AutoName];

    private static bool HasIntegerDotProducts =>
        AvxVnni.IsSupported || Dp.IsSupported || (Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0);

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

    /// <summary>Reads one of <see cref="Names"/> or a file's path, as a person types it.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="ArgumentException">It is neither a known word nor the path of an <c>.onnx</c> file.</exception>
    public static ModelWeights Parse(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        if (Names.Contains(value, StringComparer.OrdinalIgnoreCase))
            return new(value.ToLowerInvariant());
        return value.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
            ? File(value)
            : throw new ArgumentException($"'{value}' is no weight file; known: {string.Join(", ", Names)}, or the path of an .onnx file inside the model folder.", nameof(value));
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "fp32";

    /// <summary>The file's path in a folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="path">The transformer's own folder in it, which is looked at first; empty for the model folder itself.</param>
    /// <param name="stems">What the file's name begins with, best first, e.g. <c>vision_model</c>; none for <c>model</c> and <c>encoder_model</c>.</param>
    /// <exception cref="FileNotFoundException">The folder has none of the files.</exception>
    internal string FindIn(ModelFolder folder, string path = "", params string[] stems)
    {
        if (stems.Length == 0)
            stems = UsualStems;
        string[] candidates = [.. Precisions().SelectMany(precision => Candidates(precision, stems))];
        if (path.Length > 0)
            candidates = [.. candidates.Select(file => $"{path}/{file}"), .. candidates];
        return candidates.FirstOrDefault(folder.Has) ?? throw new FileNotFoundException(
            $"{folder.Name}: none of {string.Join(", ", candidates)} is in {folder.FullPath}. Fetch or export the ONNX file, or choose another one.", Path.Combine(folder.FullPath, candidates[0]));
    }

    private string[] Precisions() => ToString() != AutoName ? [ToString()]
        : HasIntegerDotProducts ? ["int8", "fp32", "fp16", "q4"]
        : ["fp32", "fp16", "int8", "q4"];

    private static IEnumerable<string> Candidates(string precisionOrFile, string[] stems) =>
        Suffixes.TryGetValue(precisionOrFile, out string[]? suffixes)
            ? suffixes.SelectMany(suffix => stems.SelectMany(stem => Folders.Select(folder => $"{folder}{stem}{suffix}.onnx")))
            : [precisionOrFile];
}
