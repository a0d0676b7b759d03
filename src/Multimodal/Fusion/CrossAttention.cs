using System.Globalization;
using System.Numerics.Tensors;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Multimodal;

/// <summary>
/// Lets the vectors of one modality look at those of another: each becomes a mean of the others' values, by how well its query fits their keys. The weights come from a file of
/// PyTorch's <c>nn.MultiheadAttention</c> as it was trained elsewhere.
/// </summary>
/// <remarks>
/// Immutable and safe for concurrent use. Reference: PyTorch, torch.nn.MultiheadAttention in evaluation, with its names of tensors: <c>in_proj_weight</c>, or <c>q_proj_weight</c>,
/// <c>k_proj_weight</c> and <c>v_proj_weight</c> where keys or values have other lengths; <c>in_proj_bias</c>, <c>out_proj.weight</c>, <c>out_proj.bias</c>, <c>bias_k</c>, <c>bias_v</c>.
/// </remarks>
public sealed class CrossAttention
{
    private const string HeadsKey = "num_heads";
    private readonly Projection _query, _key, _value, _output;
    private readonly float[]? _addedKey, _addedValue;

    private CrossAttention(SafeTensors file, string path, string prefix, int? heads)
    {
        float[] output = Tensor(file, path, prefix + "out_proj.weight", 2);
        Dimensions = file.Shape(prefix + "out_proj.weight")[0];
        Heads = heads ?? (file.Metadata.TryGetValue(HeadsKey, out string? said) && int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw new InvalidDataException($"{path} does not say how many heads there are: no weight tells. Give heads, or write '{HeadsKey}' into the file's metadata."));
        if (Heads < 1 || Dimensions % Heads != 0)
            throw new InvalidDataException($"{path}: {Heads} heads do not divide {Dimensions} dimensions. Give the number the module was trained with.");
        float[]? bias = file.Has(prefix + "in_proj_bias") ? Tensor(file, path, prefix + "in_proj_bias", 1, 3 * Dimensions) : null;
        _query = Projected("q", 0);
        _key = Projected("k", 1);
        _value = Projected("v", 2);
        _output = new(output, file.Has(prefix + "out_proj.bias") ? Tensor(file, path, prefix + "out_proj.bias", 1, Dimensions) : null, Dimensions);
        if (_output.Width != Dimensions)
            throw new InvalidDataException($"{path}: tensor '{prefix}out_proj.weight' must be square. Save the module's state again.");
        _addedKey = file.Has(prefix + "bias_k") ? Tensor(file, path, prefix + "bias_k", 3, Dimensions) : null;
        _addedValue = file.Has(prefix + "bias_v") ? Tensor(file, path, prefix + "bias_v", 3, Dimensions) : null;

        Projection Projected(string name, int place)
        {
            string own = $"{prefix}{name}_proj_weight";
            float[] weights = file.Has(own) ? Tensor(file, path, own, 2)
                : Tensor(file, path, prefix + "in_proj_weight", 2, 3 * Dimensions * Dimensions).AsSpan(place * Dimensions * Dimensions, Dimensions * Dimensions).ToArray();
            if (weights.Length % Dimensions != 0)
                throw new InvalidDataException($"{path}: tensor '{own}' must have {Dimensions} rows. Save the module's state again.");
            return new(weights, bias?.AsSpan(place * Dimensions, Dimensions).ToArray(), Dimensions);
        }
    }

    /// <summary>Length of the queries and of the answer's vectors (<c>embed_dim</c>).</summary>
    public int Dimensions { get; }

    /// <summary>Length of the keys (<c>kdim</c>).</summary>
    public int KeyDimensions => _key.Width;

    /// <summary>Length of the values (<c>vdim</c>).</summary>
    public int ValueDimensions => _value.Width;

    /// <summary>How many heads look side by side.</summary>
    public int Heads { get; }

    /// <summary>Reads weights.</summary>
    /// <param name="path">A <c>.safetensors</c> file.</param>
    /// <param name="heads">How many heads; null when the file's metadata say it as <c>num_heads</c>.</param>
    /// <param name="prefix">What the names of the tensors begin with, e.g. <c>fusion.attention.</c>; empty for nothing.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or of another shape, or nobody says how many heads there are.</exception>
    public static CrossAttention Load(string path, int? heads = null, string prefix = "")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(prefix);
        return new(SafeTensors.Read(path), path, prefix, heads);
    }

    /// <summary>Looks.</summary>
    /// <param name="queries">The vectors that look, each of <see cref="Dimensions"/>; any number.</param>
    /// <param name="keys">What they compare with, each of <see cref="KeyDimensions"/>; at least one.</param>
    /// <param name="values">What they take, one for each key, each of <see cref="ValueDimensions"/>.</param>
    /// <param name="absent">Places of keys that are not there (padding); null for none.</param>
    /// <returns>One vector a query, and what each took from each key (averaged over the heads; of added keys, too).</returns>
    /// <exception cref="ArgumentException">Counts or lengths disagree, or every key is absent.</exception>
    public CrossAttentionResult Attend(
        IReadOnlyList<ReadOnlyMemory<float>> queries, IReadOnlyList<ReadOnlyMemory<float>> keys, IReadOnlyList<ReadOnlyMemory<float>> values, IReadOnlySet<int>? absent = null)
    {
        Check(queries, Dimensions, nameof(queries));
        Check(keys, KeyDimensions, nameof(keys));
        Check(values, ValueDimensions, nameof(values));
        if (values.Count != keys.Count)
            throw new ArgumentException($"there are {values.Count} values for {keys.Count} keys. Give one for each.", nameof(values));
        float[][] projectedKeys = [.. keys.Select(key => _key.Of(key.Span)), .. _addedKey is null ? Array.Empty<float[]>() : [_addedKey]];
        float[][] projectedValues = [.. values.Select(value => _value.Of(value.Span)), .. _addedValue is null ? Array.Empty<float[]>() : [_addedValue]];
        if (Enumerable.Range(0, projectedKeys.Length).All(key => absent?.Contains(key) == true) || projectedKeys.Length == 0)
            throw new ArgumentException("there is no key that is not absent. Give at least one.", nameof(keys));
        var weights = new float[queries.Count][];
        var vectors = new float[queries.Count][];
        for (int i = 0; i < vectors.Length; i++)
            (vectors[i], weights[i]) = Look(_query.Of(queries[i].Span), projectedKeys, projectedValues, absent);
        return new([.. vectors.Select(vector => (ReadOnlyMemory<float>)vector)], [.. weights.Select(row => (ReadOnlyMemory<float>)row)]);
    }

    private (float[] Vector, float[] Weights) Look(float[] query, float[][] keys, float[][] values, IReadOnlySet<int>? absent)
    {
        int width = Dimensions / Heads;
        float[] mixed = new float[Dimensions], mean = new float[keys.Length], scores = new float[keys.Length];
        for (int head = 0; head < Heads; head++)
        {
            int start = head * width;
            for (int key = 0; key < keys.Length; key++)
                scores[key] = absent?.Contains(key) == true ? float.NegativeInfinity : TensorPrimitives.Dot<float>(query.AsSpan(start, width), keys[key].AsSpan(start, width)) / MathF.Sqrt(width);
            TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
            TensorPrimitives.SoftMax(scores, scores);
            for (int key = 0; key < keys.Length; key++)
            {
                Span<float> part = mixed.AsSpan(start, width);
                TensorPrimitives.MultiplyAdd(values[key].AsSpan(start, width), scores[key], part, part);
                mean[key] += scores[key] / Heads;
            }
        }

        return (_output.Of(mixed), mean);
    }

    private static void Check(IReadOnlyList<ReadOnlyMemory<float>> vectors, int dimensions, string name)
    {
        ArgumentNullException.ThrowIfNull(vectors, name);
        for (int i = 0; i < vectors.Count; i++)
        {
            if (vectors[i].Length != dimensions)
                throw new ArgumentException($"vector {i} of {name} has {vectors[i].Length} dimensions, the weights want {dimensions}. Give vectors of the models the weights were trained with.", name);
        }
    }

    private static float[] Tensor(SafeTensors file, string path, string name, int axes, int? length = null)
    {
        if (!file.Has(name))
            throw new InvalidDataException($"{path} has no tensor '{name}'; it has {string.Join(", ", file.Names)}. Save the state of a torch.nn.MultiheadAttention, or give the prefix of its names.");
        float[] values = file.Floats(name);
        return file.Shape(name).Count == axes && (length ?? values.Length) == values.Length && values.Length > 0 ? values
            : throw new InvalidDataException($"{path}: tensor '{name}' has shape [{string.Join(", ", file.Shape(name))}]{(length is { } wanted ? $", {wanted} numbers are wanted" : "")}. Save the module's state again.");
    }

    private sealed record Projection(float[] Weights, float[]? Bias, int Rows)
    {
        public int Width => Weights.Length / Rows;

        public float[] Of(ReadOnlySpan<float> vector)
        {
            var result = new float[Rows];
            for (int row = 0; row < Rows; row++)
                result[row] = TensorPrimitives.Dot(Weights.AsSpan(row * Width, Width), vector) + (Bias?[row] ?? 0);
            return result;
        }
    }
}

/// <summary>What attention gave.</summary>
/// <param name="Vectors">One a query.</param>
/// <param name="Weights">For each query what it took from each key, which adds up to 1.</param>
public sealed record CrossAttentionResult(IReadOnlyList<ReadOnlyMemory<float>> Vectors, IReadOnlyList<ReadOnlyMemory<float>> Weights);
