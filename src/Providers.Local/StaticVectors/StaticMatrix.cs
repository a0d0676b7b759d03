using System.Numerics.Tensors;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>One vector a token, as a safetensors file of sentence-transformers or model2vec has them.</summary>
/// <remarks>
/// Tensor <c>embedding.weight</c> or <c>embeddings</c>, [rows, dimensions]. A vocabulary-quantised file has fewer rows than tokens: <c>mapping</c>
/// then says the row of each token, and <c>weights</c> what it is multiplied with. Immutable and safe for concurrent use.
/// </remarks>
internal sealed class StaticMatrix
{
    private static readonly string[] Names = ["embedding.weight", "embeddings"];
    private readonly float[] _vectors;
    private readonly float[]? _weights;
    private readonly long[]? _mapping;

    private StaticMatrix(float[] vectors, int dimensions, long[]? mapping, float[]? weights)
    {
        _vectors = vectors;
        Dimensions = dimensions;
        _mapping = mapping;
        _weights = weights;
        TokenCount = mapping?.Length ?? vectors.Length / dimensions;
    }

    /// <summary>Length of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>How many tokens have a vector: those numbered below it.</summary>
    public int TokenCount { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="file">The file's path in it.</param>
    public static StaticMatrix Read(ModelFolder folder, string file)
    {
        if (!folder.Has(file))
            throw folder.Missing(file);
        SafeTensors tensors = SafeTensors.Read(folder.Use(file));
        string place = $"{folder.Name}/{file}";
        string name = Array.Find(Names, tensors.Has)
            ?? throw new InvalidDataException($"{place} has none of the tensors {string.Join(", ", Names)}. Save the model again with sentence-transformers or model2vec.");
        if (tensors.Shape(name) is not [var rows and > 0, var dimensions and > 0])
            throw new InvalidDataException($"{place}: tensor '{name}' has the shape [{string.Join(", ", tensors.Shape(name))}]. It must be [tokens, dimensions], neither of them 0.");

        long[]? mapping = tensors.Has("mapping") ? tensors.Integers("mapping") : null;
        if (mapping is not null && Array.FindIndex(mapping, row => row < 0 || row >= rows) is var wrong and >= 0)
            throw new InvalidDataException($"{place}: tensor 'mapping' sends token {wrong} to row {mapping[wrong]}, but '{name}' has {rows} rows. Save the model again.");
        float[]? weights = tensors.Has("weights") ? tensors.Floats("weights") : null;
        var matrix = new StaticMatrix(tensors.Floats(name), dimensions, mapping, weights);
        if (weights is not null && weights.Length != matrix.TokenCount)
            throw new InvalidDataException($"{place}: tensor 'weights' has {weights.Length} numbers for {matrix.TokenCount} tokens. Save the model again.");
        return matrix;
    }

    /// <summary>Averages the vectors of some tokens.</summary>
    /// <param name="tokens">Their numbers, each below <see cref="TokenCount"/>.</param>
    /// <param name="mean">Receives [dimensions]; zeros for no tokens.</param>
    public void Mean(ReadOnlySpan<long> tokens, Span<float> mean)
    {
        mean.Clear();
        foreach (long token in tokens)
        {
            long row = _mapping is null ? token : _mapping[token];
            ReadOnlySpan<float> vector = _vectors.AsSpan((int)row * Dimensions, Dimensions);
            if (_weights is null)
                TensorPrimitives.Add(mean, vector, mean);
            else
                TensorPrimitives.MultiplyAdd(vector, _weights[token], mean, mean);
        }

        if (tokens.Length > 1)
            TensorPrimitives.Divide(mean, tokens.Length, mean);
    }
}
