using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Text;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>A text's vector is the mean of its tokens' vectors: StaticEmbedding of sentence-transformers, and model2vec.</summary>
/// <remarks>
/// No special tokens; a text without tokens gives zeros. Reference: sentence-transformers 6.2, modules/static_embedding.py; model2vec 0.10.0, model.py.
/// </remarks>
internal sealed class StaticEncoder : TextEncoder
{
    private readonly StaticMatrix _matrix;
    private readonly int _maxCharacters;
    private readonly int? _dropped;
    private readonly TextSide _cutSide;

    private StaticEncoder(Tokenizer tokenizer, StaticMatrix matrix, int maxTokens, TextSide cutSide, int maxCharacters, int? dropped)
    {
        Tokenizer = tokenizer;
        MaxTokens = maxTokens;
        _matrix = matrix;
        _cutSide = cutSide;
        _maxCharacters = maxCharacters;
        _dropped = dropped;
    }

    public override Tokenizer Tokenizer { get; }

    public override int MaxTokens { get; }

    public override int Dimensions => _matrix.Dimensions;

    /// <summary>Reads a StaticEmbedding module, which obeys the truncation of its tokenizer.json and keeps unknown tokens.</summary>
    public static TextEncoder Read(ModelFolder folder, LocalTextEmbeddingOptions options, ReadOnlySpan<FolderModule> modules, out int taken)
    {
        taken = 1;
        FolderModule module = modules[0] with { Path = modules[0].Path == "." ? "" : modules[0].Path };
        Tokenizer tokenizer = ReadTokenizer(folder, module.File("tokenizer.json"));
        StaticMatrix matrix = StaticMatrix.Read(folder, module.File("model.safetensors"));
        TokenLengths(folder, tokenizer, matrix);
        return new StaticEncoder(tokenizer, matrix, tokenizer.Truncation?.MaxTokens ?? int.MaxValue, tokenizer.Truncation?.Direction ?? TextSide.Right, int.MaxValue, dropped: null);
    }

    /// <summary>
    /// Reads a folder of model2vec, which drops unknown tokens, cuts at its own length, and before that cuts the text to so many code points as
    /// that many tokens of median length have.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="layout">Where its files are.</param>
    /// <param name="maxTokens">Where a text is cut.</param>
    public static TextEncoder ReadModel2Vec(ModelFolder folder, Model2VecLayout layout, int maxTokens)
    {
        Tokenizer tokenizer = ReadTokenizer(folder, layout.Tokenizer);
        StaticMatrix matrix = StaticMatrix.Read(folder, layout.Vectors);
        int[] lengths = TokenLengths(folder, tokenizer, matrix);
        Array.Sort(lengths);
        int median = (lengths[(lengths.Length - 1) / 2] + lengths[lengths.Length / 2]) / 2;
        int characters = (int)Math.Min((long)maxTokens * median, int.MaxValue);
        return new StaticEncoder(tokenizer, matrix, maxTokens, TextSide.Right, characters, tokenizer.UnknownId);
    }

    public override TokenizedTexts Tokenize(IReadOnlyList<string> texts, string prompt, CancellationToken cancellationToken) =>
        new(texts, prompt, Encode, cancellationToken);

    public override float[] Encode(TextBatch batch, int promptTokens, TextSteps? steps)
    {
        float[] vectors = new float[batch.Count * Dimensions];
        for (int row = 0; row < batch.Count; row++)
        {
            int start = row * batch.SequenceLength;
            int length = batch.AttentionMask.AsSpan(start, batch.SequenceLength).IndexOf(0);
            _matrix.Mean(batch.InputIds.AsSpan(start, length < 0 ? batch.SequenceLength : length), vectors.AsSpan(row * Dimensions, Dimensions));
        }

        steps?.Add("0_StaticEmbedding", vectors);
        return vectors;
    }

    public override void Dispose()
    {
    }

    private void Encode(ReadOnlySpan<char> text, TokenBuffer buffer)
    {
        ReadOnlySpan<char> taken = CodePoints.Take(text, _maxCharacters);
        // As the library: cut first, and what is dropped afterwards has used up its place.
        Tokenizer.Encode(taken, buffer, _cutSide == TextSide.Right ? MaxTokens : int.MaxValue, addSpecialTokens: false);
        buffer.Keep(MaxTokens, _cutSide);
        if (_dropped is { } unknown)
            buffer.Remove(unknown);
        buffer.WasCut |= taken.Length < text.Length;
    }

    private static Tokenizer ReadTokenizer(ModelFolder folder, string file) =>
        folder.Has(file) ? Tokenizer.FromFile(folder.Use(file)) : throw folder.Missing(file);

    // Code points of each token. Ids may have holes, but every one must have a vector.
    private static int[] TokenLengths(ModelFolder folder, Tokenizer tokenizer, StaticMatrix matrix)
    {
        var lengths = new List<int>(matrix.TokenCount);
        for (int id = 0; id < matrix.TokenCount; id++)
        {
            if (tokenizer.IdToToken(id) is { } token)
                lengths.Add(CodePoints.Count(token));
        }

        return lengths.Count == tokenizer.VocabularySize && lengths.Count > 0 ? [.. lengths] : throw new InvalidDataException(
            $"{folder.Name}: tokenizer.json has {tokenizer.VocabularySize} tokens, of which {lengths.Count} have one of the {matrix.TokenCount} vectors. Tokenizer and vectors do not belong together; fetch the folder again.");
    }
}
