using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>Text to vectors by a table of word vectors: the mean of the words' vectors, plain or weighted by TF-IDF.</summary>
/// <remarks>
/// Safe for concurrent use. Words that the table does not have are left out; a text without known words gives zeros. Intents make no difference.
/// <c>GetService</c> gives the <see cref="EmbeddingSpace"/>, the <see cref="EmbeddingGeneratorMetadata"/> and the <see cref="WordVectors"/>.
/// </remarks>
public sealed class WordVectorsTextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int TextsPerTask = 256;
    private readonly WordVectors _table;
    private readonly WordSplitter _splitter;
    private readonly InverseDocumentFrequencies? _weights;
    private readonly EmbeddingSpace _space;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>Wraps a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">What the model is called, e.g. <c>glove.6B.50d</c>: the name of its space and of its model.</param>
    /// <param name="options">Words and weights; the file is not looked at. Null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="table"/> or <paramref name="name"/> is null.</exception>
    public WordVectorsTextEmbeddingGenerator(WordVectors table, string name, WordVectorsTextOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        WordVectorsTextOptions chosen = (options ?? new()).Validated();
        _table = table;
        _splitter = chosen.Splitter ?? new WordSplitter(lowercase: !table.Words.Take(10_000).Any(word => word.Any(char.IsUpper)));
        _weights = chosen.Weights;
        string fingerprint = Fingerprint();
        _space = new EmbeddingSpace
        {
            SpaceId = $"{name}@{fingerprint[..12]}/{table.Dimensions}/cosine/{(chosen.Normalize ? "unit" : "raw")}",
            Fingerprint = fingerprint,
            Dimensions = table.Dimensions,
            Metric = SimilarityMetric.Cosine,
            IsNormalized = chosen.Normalize,
        };
        _metadata = new EmbeddingGeneratorMetadata("word-vectors", providerUri: null, name, table.Dimensions);
    }

    /// <summary>Embeds texts.</summary>
    /// <param name="values">Any number of texts; empty text is allowed and gives zeros.</param>
    /// <param name="options"><c>ModelId</c>, when given, must be this table's; <c>Dimensions</c> must be the table's, whose vectors mean nothing when cut.</param>
    /// <param name="cancellationToken">Ends the call; looked at between parts of the list.</param>
    /// <returns>One vector a text, in the order given, each with its space; the number of words as usage.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException"><c>ModelId</c> or <c>Dimensions</c> is another.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.ModelId is { } modelId && modelId != _metadata.DefaultModelId)
            throw new ArgumentException($"options.ModelId is '{modelId}', but this table is '{_metadata.DefaultModelId}'. Leave it out, or ask the generator of that model.", nameof(options));
        if (options?.Dimensions is { } dimensions && dimensions != _table.Dimensions)
            throw new ArgumentException($"options.Dimensions is {dimensions}; word vectors mean nothing when cut. Leave it out, or load a table of that size.", nameof(options));
        string[] texts = [.. values];
        int missing = Array.IndexOf(texts, null);
        if (missing >= 0)
            throw new ArgumentNullException(nameof(values), $"text {missing} is null. Give empty text where there is none.");
        return await Task.Run(() => Generate(texts, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        object[] services = serviceKey is null ? [this, _space, _metadata, _table] : [];
        return Array.Find(services, serviceType.IsInstanceOfType);
    }

    /// <summary>Does nothing: there is nothing to free.</summary>
    public void Dispose()
    {
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken cancellationToken)
    {
        var embeddings = new Embedding<float>[texts.Length];
        long words = 0;
        Parallel.For(0, (texts.Length + TextsPerTask - 1) / TextsPerTask, new ParallelOptions { CancellationToken = cancellationToken }, task =>
        {
            int known = 0;
            for (int text = task * TextsPerTask; text < Math.Min(texts.Length, (task + 1) * TextsPerTask); text++)
            {
                embeddings[text] = new Embedding<float>(Embed(texts[text], ref known)) { ModelId = _metadata.DefaultModelId };
                _space.Stamp(embeddings[text]);
            }

            Interlocked.Add(ref words, known);
        });
        return new GeneratedEmbeddings<Embedding<float>>(embeddings) { Usage = new UsageDetails { InputTokenCount = words, TotalTokenCount = words } };
    }

    private float[] Embed(string text, ref int words)
    {
        float[] sum = new float[_table.Dimensions];
        float total = 0;
        int known = 0;
        _splitter.Split(text, word =>
        {
            if (!_table.TryGetIndex(word, out int index))
                return;
            float weight = _weights?[word] ?? 1;
            TensorPrimitives.MultiplyAdd(_table.VectorAt(index), weight, sum, sum);
            total += weight;
            known++;
        });
        if (_space.IsNormalized)
            L2.Normalize(sum, sum.Length);
        else if (known > 0)
            TensorPrimitives.Divide(sum, total, sum);
        words += known;
        return sum;
    }

    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(_splitter.Description));
        for (int word = 0; word < _table.Count; word++)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{_table.Words[word]} "));
            hash.AppendData(MemoryMarshal.AsBytes(_table.VectorAt(word)));
        }

        foreach ((string word, float weight) in (_weights?.Weights ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\n{word}\t{weight:R}")));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
