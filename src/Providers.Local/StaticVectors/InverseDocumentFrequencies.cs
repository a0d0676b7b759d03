using System.Runtime.InteropServices;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>How rare words are in a corpus: the weights of TF-IDF. A word of every text weighs 1, one of no text the most.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. Weight of a word that n of N texts have: ln((1 + N) / (1 + n)) + 1, as scikit-learn's
/// TfidfTransformer with its defaults.
/// </remarks>
public sealed class InverseDocumentFrequencies
{
    private readonly Dictionary<string, float>.AlternateLookup<ReadOnlySpan<char>> _weights;

    private InverseDocumentFrequencies(Dictionary<string, float> weights, int textCount)
    {
        _weights = weights.GetAlternateLookup<ReadOnlySpan<char>>();
        TextCount = textCount;
        Unseen = Weight(textCount, 0);
    }

    /// <summary>How many texts were counted.</summary>
    public int TextCount { get; }

    /// <summary>Weight of a word that none of the texts has.</summary>
    public float Unseen { get; }

    /// <summary>Weight of a word, at least 1.</summary>
    /// <param name="word">The word, spelled as in the texts after <see cref="WordSplitter"/> had them.</param>
    public float this[ReadOnlySpan<char> word] => _weights.TryGetValue(word, out float weight) ? weight : Unseen;

    internal IEnumerable<KeyValuePair<string, float>> Weights => _weights.Dictionary;

    /// <summary>Counts the words of a corpus.</summary>
    /// <param name="texts">The texts, read once; any number.</param>
    /// <param name="splitter">How they are cut into words: the one that the texts to be embedded are cut by.</param>
    /// <exception cref="ArgumentNullException">An argument or a text is null.</exception>
    public static InverseDocumentFrequencies Learn(IEnumerable<string> texts, WordSplitter splitter)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(splitter);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> seenBySpan = seen.GetAlternateLookup<ReadOnlySpan<char>>();
        int textCount = 0;
        foreach (string text in texts)
        {
            ArgumentNullException.ThrowIfNull(text, nameof(texts));
            textCount++;
            seen.Clear();
            splitter.Split(text, word =>
            {
                if (seenBySpan.Add(word))
                    CollectionsMarshal.GetValueRefOrAddDefault(bySpan, word, out _)++;
            });
        }

        return new(counts.ToDictionary(count => count.Key, count => Weight(textCount, count.Value), StringComparer.Ordinal), textCount);
    }

    private static float Weight(int textCount, int textsWithWord) => (float)(Math.Log((1.0 + textCount) / (1.0 + textsWithWord)) + 1);
}
