using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Polymodal.VectorStore.Ingestion;

/// <summary>Cuts a document where its subject changes: between two sentences whose surroundings are less alike than most of the document's are.</summary>
/// <remarks>
/// Each sentence is embedded together with its neighbours; the similarity of what ends at a border and what begins there is compared with all of the document's. Costs an embedding for each sentence.
/// Safe for concurrent use when the generator is.
/// </remarks>
public sealed class SemanticChunker : IDocumentChunker
{
    private const int SentencesOfCall = 256;

    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly double _share;
    private readonly int _minCharacters, _maxCharacters;
    private readonly string _model;

    /// <summary>Creates a chunker.</summary>
    /// <param name="generator">Embeds sentences; it need not be the one that embeds passages. It should be quick.</param>
    /// <param name="share">Which share of the borders between sentences is cut, the least alike first; above 0, below 1.</param>
    /// <param name="minCharacters">Fewest UTF-16 units of a passage, as far as the document has them; 0 to <paramref name="maxCharacters"/>.</param>
    /// <param name="maxCharacters">Most UTF-16 units of a passage, see <see cref="TextChunkerOptions.MaxCharacters"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public SemanticChunker(IEmbeddingGenerator<string, Embedding<float>> generator, double share = 0.1, int minCharacters = 200, int maxCharacters = 900)
    {
        ArgumentNullException.ThrowIfNull(generator);
        if (!(share is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "share must be above 0 and below 1.");
        _maxCharacters = new TextChunkerOptions { MaxCharacters = maxCharacters }.Validated().MaxCharacters;
        if (minCharacters < 0 || minCharacters > maxCharacters)
            throw new ArgumentOutOfRangeException(nameof(minCharacters), minCharacters, $"minCharacters must be 0 to {maxCharacters}, that is maxCharacters.");
        (_generator, _share, _minCharacters) = (generator, share, minCharacters);
        _model = generator.GetSpace(EmbeddingModality.Text)?.SpaceId ?? "";
    }

    /// <inheritdoc/>
    public string Signature => string.Create(CultureInfo.InvariantCulture, $"semantic {_share} {_minCharacters} {_maxCharacters} {_model}");

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The generator gave another number of vectors than it got texts.</exception>
    public async ValueTask<IReadOnlyList<TextChunk>> ChunkAsync(string text, TextFormat format, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextSpan[] sentences = [.. SentenceChunker.SentencesOf(text, _maxCharacters)];
        var headings = new HeadingPath(text, format);
        double[] likeness = await LikenessAsync(text, sentences, cancellationToken).ConfigureAwait(false);
        double bound = likeness.Length == 0 ? 0 : likeness.Order().ElementAt((int)(_share * likeness.Length));
        var chunks = new List<TextChunk>();
        int first = 0;
        for (int next = 1; next <= sentences.Length; next++)
        {
            bool isEnd = next == sentences.Length;
            bool isFull = !isEnd && sentences[next].End - sentences[first].Start > _maxCharacters;
            bool changes = !isEnd && likeness[next - 1] < bound && sentences[next - 1].End - sentences[first].Start >= _minCharacters;
            if (!isEnd && !isFull && !changes)
                continue;
            chunks.Add(SentenceChunker.Chunk(text, sentences[first].Start, sentences[next - 1].End, headings));
            first = next;
        }

        return chunks;
    }

    /// <summary>For each border, the cosine of the two sentences before and the two behind it.</summary>
    private async Task<double[]> LikenessAsync(string text, TextSpan[] sentences, CancellationToken cancellationToken)
    {
        var vectors = new List<ReadOnlyMemory<float>>(sentences.Length);
        IEnumerable<string> pairs = Enumerable.Range(0, Math.Max(0, sentences.Length)).Select(i => text[sentences[i].Start..sentences[Math.Min(i + 1, sentences.Length - 1)].End]);
        foreach (string[] some in pairs.Chunk(SentencesOfCall))
        {
            GeneratedEmbeddings<Embedding<float>> embeddings = await _generator.GenerateAsync(some, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (embeddings.Count != some.Length)
                throw new InvalidOperationException($"the generator gave {embeddings.Count} vectors for {some.Length} texts. Use a generator that gives one each.");
            vectors.AddRange(embeddings.Select(embedding => embedding.Vector));
        }

        // vectors[i] is of sentences i and i + 1: at the border behind sentence i what ends are i - 1 and i, what begins are i + 1 and i + 2.
        return [.. Enumerable.Range(0, Math.Max(0, sentences.Length - 1)).Select(i => (double)TensorPrimitives.CosineSimilarity(vectors[Math.Max(0, i - 1)].Span, vectors[i + 1].Span))];
    }
}
