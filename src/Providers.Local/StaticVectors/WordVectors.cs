using System.Numerics.Tensors;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>
/// A table of words and their vectors, as GloVe, word2vec and fastText publish them: nearest words, analogies, similarity.
/// </summary>
/// <remarks>
/// Immutable and safe for concurrent use. Words are compared exactly, upper and lower case are different.
/// Reference: gensim 4.4.0, <c>KeyedVectors</c>.
/// </remarks>
public sealed class WordVectors
{
    private readonly Dictionary<string, int> _index;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly float[] _vectors;
    private readonly string[] _words;
    private readonly Lazy<float[]> _norms;

    /// <summary>Makes a table of given words.</summary>
    /// <param name="words">The words, the most frequent first; at least one. Of a word that is there twice the first counts, as in gensim.</param>
    /// <param name="vectors">Shape [words, dimensions], row-major. Copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="words"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">There is no word, or the vectors are not one of the same length for each.</exception>
    public WordVectors(IReadOnlyList<string> words, ReadOnlySpan<float> vectors)
        : this(vectors.ToArray(), Checked(words, vectors))
    {
    }

    private WordVectors(float[] vectors, string[] words)
    {
        _words = words;
        _vectors = vectors;
        Dimensions = vectors.Length / words.Length;
        _index = new Dictionary<string, int>(words.Length, StringComparer.Ordinal);
        for (int word = 0; word < words.Length; word++)
            _index.TryAdd(words[word], word);
        _lookup = _index.GetAlternateLookup<ReadOnlySpan<char>>();
        _norms = new Lazy<float[]>(Norms);
    }

    /// <summary>A table of arrays that nobody else changes.</summary>
    internal static WordVectors Owning(float[] vectors, string[] words) => new(vectors, words);

    /// <summary>How many rows the table has.</summary>
    public int Count => _words.Length;

    /// <summary>Length of each vector.</summary>
    public int Dimensions { get; }

    /// <summary>The words, in the order of the file.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>Reads a file of GloVe, word2vec or fastText (<c>.vec</c>): text or binary, with or without header, gzipped or not. Its content says which.</summary>
    /// <param name="path">The file. It is read once, from front to end.</param>
    /// <param name="options">How much of it; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged; the message names line or record, and what was found there.</exception>
    /// <remarks>A word may hold spaces (GloVe 840B has such): the last fields of a line are the vector. What is not valid UTF-8 becomes U+FFFD.</remarks>
    public static WordVectors Load(string path, WordVectorsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return WordVectorsFile.Read(path, (options ?? new()).Validated(), cancellationToken);
    }

    /// <summary>Whether a word is in the table.</summary>
    /// <param name="word">The word as the table spells it.</param>
    public bool Contains(ReadOnlySpan<char> word) => _lookup.ContainsKey(word);

    /// <summary>The place of a word.</summary>
    /// <param name="word">The word as the table spells it.</param>
    /// <param name="index">Its place, from 0; 0 when it is not there.</param>
    public bool TryGetIndex(ReadOnlySpan<char> word, out int index) => _lookup.TryGetValue(word, out index);

    /// <summary>A vector by its place.</summary>
    /// <param name="index">The place, from 0.</param>
    /// <returns>Shape [dimensions], as the file has it, not of unit length.</returns>
    public ReadOnlySpan<float> VectorAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _vectors.AsSpan(index * Dimensions, Dimensions);
    }

    /// <summary>A word's vector.</summary>
    /// <param name="word">The word as the table spells it.</param>
    /// <returns>Shape [dimensions], as the file has it, not of unit length.</returns>
    /// <exception cref="KeyNotFoundException">The table does not have the word.</exception>
    public ReadOnlySpan<float> this[string word] => VectorAt(Find(word));

    /// <summary>Cosine of two words.</summary>
    /// <param name="first">One word.</param>
    /// <param name="second">The other word.</param>
    /// <exception cref="KeyNotFoundException">The table does not have one of them.</exception>
    public float Similarity(string first, string second) => Polymodal.Similarity.Of(this[first], this[second]);

    /// <summary>Cosine of the mean vectors of two lists of words.</summary>
    /// <param name="first">One list; at least one word.</param>
    /// <param name="second">The other list; at least one word.</param>
    /// <exception cref="ArgumentException">A list is empty.</exception>
    /// <exception cref="KeyNotFoundException">The table does not have one of the words.</exception>
    public float Similarity(IReadOnlyList<string> first, IReadOnlyList<string> second) => Polymodal.Similarity.Of(Sum(first, unit: false), Sum(second, unit: false));

    /// <summary>The words nearest to a word, without itself.</summary>
    /// <param name="word">The word.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <returns>Best first, with their cosines; of equal ones the more frequent first.</returns>
    /// <exception cref="KeyNotFoundException">The table does not have the word.</exception>
    public IReadOnlyList<WordMatch> Nearest(string word, int count = 10) => Nearest([word], [], count);

    /// <summary>The words nearest to a vector.</summary>
    /// <param name="vector">Shape [dimensions], of any length.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <returns>Best first, with their cosines.</returns>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    public IReadOnlyList<WordMatch> Nearest(ReadOnlySpan<float> vector, int count = 10)
    {
        if (vector.Length != Dimensions)
            throw new ArgumentException($"vector has {vector.Length} elements, the table's vectors have {Dimensions}. Give one of the table's space.", nameof(vector));
        return Best(Cosines(vector), [], count, Count);
    }

    /// <summary>The words nearest to the sum of some words less some others, each counted with unit length. The words given are left out.</summary>
    /// <param name="positive">Words to be near to.</param>
    /// <param name="negative">Words to be far from.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="among">Look only among this many words of the beginning; default all.</param>
    /// <returns>Best first, with their cosines to that sum.</returns>
    /// <exception cref="ArgumentException">No word is given at all.</exception>
    /// <exception cref="KeyNotFoundException">The table does not have one of the words.</exception>
    public IReadOnlyList<WordMatch> Nearest(IReadOnlyList<string> positive, IReadOnlyList<string> negative, int count = 10, int among = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(positive);
        ArgumentNullException.ThrowIfNull(negative);
        float[] sum = positive.Count > 0 ? Sum(positive, unit: true) : new float[Dimensions];
        if (negative.Count > 0 || positive.Count == 0)
            TensorPrimitives.Subtract(sum, Sum(negative, unit: true), sum);
        return Best(Cosines(sum), [.. positive.Concat(negative).Select(Find)], count, among);
    }

    /// <summary>Completes "a is to b as c is to …", e.g. <c>Analogy("man", "king", "woman")</c>. The three words are left out.</summary>
    /// <param name="a">The word that <paramref name="b"/> belongs to.</param>
    /// <param name="b">What belongs to <paramref name="a"/>.</param>
    /// <param name="c">The word whose partner is wanted.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="method">How they are scored.</param>
    /// <returns>Best first.</returns>
    /// <exception cref="KeyNotFoundException">The table does not have one of the words.</exception>
    public IReadOnlyList<WordMatch> Analogy(string a, string b, string c, int count = 10, AnalogyMethod method = AnalogyMethod.Add) => method switch
    {
        AnalogyMethod.Add => Nearest([b, c], [a], count),
        AnalogyMethod.Multiply => Best(ProductOfCosines(Find(a), Find(b), Find(c)), [Find(a), Find(b), Find(c)], count, Count),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, $"known: {string.Join(", ", Enum.GetNames<AnalogyMethod>())}."),
    };

    /// <summary>The word that fits least to the others: the farthest from the mean of all, each counted with unit length.</summary>
    /// <param name="words">The words; those that the table does not have are left out.</param>
    /// <exception cref="ArgumentException">The table has none of the words.</exception>
    public string OddOneOut(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        string[] known = [.. words.Where(word => Contains(word))];
        float[] sum = Sum(known, unit: true);
        return known.MinBy(word => Polymodal.Similarity.Of(this[word], sum))!;
    }

    private int Find(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return _index.TryGetValue(word, out int index) ? index : throw new KeyNotFoundException(
            $"The table of {Count} words does not have '{Tokenization.JsonPart.Shortened(word)}'. Ask with Contains first; upper and lower case are different words.");
    }

    private float[] Sum(IReadOnlyList<string> words, bool unit)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Count == 0)
            throw new ArgumentException("There is no word of the table. Give at least one.", nameof(words));
        float[] sum = new float[Dimensions];
        foreach (string word in words)
        {
            int index = Find(word);
            TensorPrimitives.MultiplyAdd(VectorAt(index), unit ? Inverse(_norms.Value[index]) : 1, sum, sum);
        }

        return sum;
    }

    private float[] Cosines(ReadOnlySpan<float> vector)
    {
        float[] scores = new float[Count], norms = _norms.Value;
        float inverse = Inverse(TensorPrimitives.Norm(vector));
        for (int word = 0; word < scores.Length; word++)
            scores[word] = TensorPrimitives.Dot(vector, VectorAt(word)) * inverse * Inverse(norms[word]);
        return scores;
    }

    private float[] ProductOfCosines(int a, int b, int c)
    {
        const float Epsilon = 1e-6f; // gensim's, against a division by zero
        float[] toA = Cosines(VectorAt(a)), toB = Cosines(VectorAt(b)), toC = Cosines(VectorAt(c));
        for (int word = 0; word < toA.Length; word++)
            toA[word] = (1 + toB[word]) / 2 * ((1 + toC[word]) / 2) / (((1 + toA[word]) / 2) + Epsilon);
        return toA;
    }

    private List<WordMatch> Best(float[] scores, ReadOnlySpan<int> leftOut, int count, int among)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(among, 1);
        var worstFirst = new PriorityQueue<int, (float Score, int Place)>();
        for (int word = 0; word < Math.Min(among, scores.Length); word++)
        {
            bool isFull = worstFirst.Count == count;
            if (isFull && worstFirst.TryPeek(out _, out (float Score, int) worst) && scores[word] <= worst.Score || leftOut.Contains(word))
                continue;
            if (isFull)
                worstFirst.Dequeue();
            worstFirst.Enqueue(word, (scores[word], -word));
        }

        var best = new List<WordMatch>(worstFirst.Count);
        while (worstFirst.TryDequeue(out int word, out _))
            best.Add(new WordMatch(_words[word], scores[word]));
        best.Reverse();
        return best;
    }

    private float[] Norms()
    {
        float[] norms = new float[Count];
        for (int word = 0; word < norms.Length; word++)
            norms[word] = TensorPrimitives.Norm(VectorAt(word));
        return norms;
    }

    private static float Inverse(float norm) => norm == 0 ? 0 : 1 / norm;

    private static string[] Checked(IReadOnlyList<string> words, ReadOnlySpan<float> vectors)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Count == 0 || vectors.IsEmpty || vectors.Length % words.Count != 0)
            throw new ArgumentException($"vectors has {vectors.Length} elements for {words.Count} words. Give one vector of the same length for each word, and at least one word.", nameof(vectors));
        return words.All(word => word is not null) ? [.. words] : throw new ArgumentNullException(nameof(words), "A word is null.");
    }
}
