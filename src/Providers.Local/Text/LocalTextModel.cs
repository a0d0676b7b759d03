using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>
/// A text model folder, ready to run: tokenizer → batch plan → transformer → pooling → further steps. The layer below
/// <see cref="LocalTextEmbeddingGenerator"/>, for those who want to see or choose a step.
/// </summary>
/// <remarks>Safe for concurrent use. <see cref="Dispose"/> waits for runs under way and may be called again.</remarks>
public sealed class LocalTextModel : IDisposable
{
    private readonly TextModelFolder _folder;
    private readonly OnnxModel _onnx;
    private readonly string _output;
    private readonly int _tokensPerRun;

    private LocalTextModel(TextModelFolder folder, OnnxModel onnx, string output, EmbeddingSpace space, int tokensPerRun)
    {
        _folder = folder;
        _onnx = onnx;
        _output = output;
        _tokensPerRun = tokensPerRun;
        Space = space;
    }

    /// <summary>The folder's name.</summary>
    public string Name => _folder.Folder.Name;

    /// <summary>The space of its vectors.</summary>
    public EmbeddingSpace Space { get; }

    /// <summary>The folder's tokenizer.</summary>
    public Tokenizer Tokenizer => _folder.Tokenizer;

    /// <summary>Where a text is cut, special tokens included.</summary>
    public int MaxTokens => _folder.MaxTokens;

    /// <summary>The folder's prompts by name.</summary>
    public IReadOnlyDictionary<string, string> Prompts => _folder.Prompts;

    /// <summary>Whether padding stands before a text.</summary>
    public bool PadsLeft => _folder.PadLeft;

    /// <summary>The prompt used when no intent is given, or empty.</summary>
    public string DefaultPrompt => _folder.DefaultPromptName is { } name ? _folder.Prompts[name] : "";

    /// <summary>Loads a model folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">Weights, run size and threads; <see cref="LocalTextEmbeddingOptions.ModelPath"/> is not looked at.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static LocalTextModel Load(string path, LocalTextEmbeddingOptions? options = null)
    {
        LocalTextEmbeddingOptions chosen = (options ?? new()).Validated();
        var folder = new TextModelFolder(new ModelFolder(path));
        string revision = folder.Folder.Hash();
        string weights = folder.Folder.Use(chosen.Weights.FindIn(folder.Folder));
        var onnx = OnnxModel.Load(weights, chosen.Threads);
        try
        {
            onnx.EnsureIntegerInputs("input_ids", "attention_mask", "token_type_ids");
            string output = onnx.FloatOutput("last_hidden_state", "token_embeddings");
            return new LocalTextModel(folder, onnx, output, SpaceOf(folder, revision), chosen.TokensPerRun);
        }
        catch
        {
            onnx.Dispose();
            throw;
        }
    }

    /// <summary>The prompt for an intent, by sentence-transformers' rule: a query takes prompt <c>query</c>, a document <c>document</c>.</summary>
    /// <param name="intent">The intent, or null for the default prompt.</param>
    /// <returns>The prompt; empty when there is none.</returns>
    /// <remarks>Reference: sentence-transformers 6.2, encode_query and encode_document, where a missing prompt of that name is empty and still wins over the default.</remarks>
    public string PromptFor(EmbeddingIntent? intent) => intent switch
    {
        EmbeddingIntent.Query => Prompts.GetValueOrDefault("query", ""),
        EmbeddingIntent.Document => Prompts.GetValueOrDefault("document", ""),
        { } other => Prompts.GetValueOrDefault(other.ToString().ToLowerInvariant(), DefaultPrompt),
        null => DefaultPrompt,
    };

    /// <summary>Embeds texts on the calling thread and the session's own.</summary>
    /// <param name="texts">Any number; empty text is allowed.</param>
    /// <param name="options">Prompt, length, normalisation; null is none of them.</param>
    /// <param name="cancellationToken">Looked at between texts and between runs.</param>
    /// <returns>One vector a text, in the order given. The vector of a text is the same alone and in any list, within 1e-6.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="texts"/> or one of them is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More dimensions are asked for than the model has, or fewer than 1.</exception>
    public TextEncoding Encode(IReadOnlyList<string> texts, TextEncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        options ??= new TextEncodingOptions();
        int dimensions = options.Dimensions ?? Space.Dimensions;
        if (dimensions < 1 || dimensions > Space.Dimensions)
            throw new ArgumentOutOfRangeException(nameof(options), dimensions, $"{Name} gives {Space.Dimensions} dimensions; Dimensions must be 1 to {Space.Dimensions}.");

        var tokenized = new TokenizedTexts(Tokenizer, texts, options.Prompt, MaxTokens, cancellationToken);
        int promptTokens = PromptTokens(options.Prompt);
        var vectors = new float[texts.Count][];
        foreach (int[] run in TokenBudget.Plan(tokenized.Lengths, _tokensPerRun))
        {
            cancellationToken.ThrowIfCancellationRequested();
            TextBatch batch = tokenized.Batch(run, _folder.PadId, _folder.PadLeft);
            float[] results = Run(batch, promptTokens, tokenEmbeddings: null, steps: null);
            int width = results.Length / run.Length;
            for (int row = 0; row < run.Length; row++)
            {
                float[] vector = results.AsSpan(row * width, dimensions).ToArray();
                if (options.Normalize)
                    L2.Normalize(vector, dimensions);
                vectors[run[row]] = vector;
            }
        }

        return new TextEncoding(vectors, tokenized.Total, tokenized.CutTexts);
    }

    /// <summary>Runs texts as one batch and keeps the result of every step.</summary>
    /// <param name="texts">The texts; at least one.</param>
    /// <param name="prompt">Put before every text.</param>
    public TextTrace Trace(IReadOnlyList<string> texts, string prompt = "")
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(prompt);
        var tokenized = new TokenizedTexts(Tokenizer, texts, prompt, MaxTokens, CancellationToken.None);
        TextBatch batch = tokenized.Batch([.. Enumerable.Range(0, texts.Count)], _folder.PadId, _folder.PadLeft);
        int promptTokens = PromptTokens(prompt);
        float[] tokenEmbeddings = new float[batch.Count * batch.SequenceLength * _folder.Pooling.Dimensions];
        var steps = new List<KeyValuePair<string, float[]>>();
        Run(batch, promptTokens, tokenEmbeddings, steps);
        return new TextTrace(batch, promptTokens, tokenEmbeddings, steps);
    }

    /// <inheritdoc/>
    public void Dispose() => _onnx.Dispose();

    private float[] Run(TextBatch batch, int promptTokens, float[]? tokenEmbeddings, List<KeyValuePair<string, float[]>>? steps)
    {
        PoolingModule pooling = _folder.Pooling;
        float[] vectors = new float[batch.Count * pooling.Dimensions];
        using (var inputs = new OnnxInputs(_onnx))
        {
            long[] shape = [batch.Count, batch.SequenceLength];
            inputs.Add("input_ids", batch.InputIds, shape);
            inputs.Add("attention_mask", batch.AttentionMask, shape);
            inputs.Add("token_type_ids", batch.TokenTypeIds, shape);
            _onnx.Run(inputs, _output, (values, axes) =>
            {
                if (axes is not [var count, var sequence, var hidden] || count != batch.Count || sequence != batch.SequenceLength || hidden != pooling.Dimensions)
                {
                    throw new InvalidDataException(
                        $"{Name}: output '{_output}' has shape [{string.Join(", ", axes.ToArray())}], but the batch is [{batch.Count}, {batch.SequenceLength}] and {pooling.Name} says " +
                        $"{pooling.Dimensions} dimensions. The ONNX file and the folder's configuration do not belong together.");
                }

                if (tokenEmbeddings is not null)
                    values.CopyTo(tokenEmbeddings);
                pooling.Apply(values, batch.AttentionMask, promptTokens, vectors);
            });
        }

        steps?.Add(new(pooling.Name, vectors));
        foreach (SentenceModule module in _folder.Modules)
        {
            float[] results = new float[batch.Count * module.Dimensions];
            module.Apply(vectors, results);
            steps?.Add(new(module.Name, results));
            vectors = results;
        }

        return vectors;
    }

    // As the library counts: the tokens of the prompt alone, less one when they end with a special token.
    private int PromptTokens(string prompt)
    {
        if (prompt.Length == 0)
            return 0;
        EncodedText encoded = Tokenizer.Encode(prompt);
        int count = encoded.InputIds.Count;
        return count > 0 && encoded.SpecialTokensMask[^1] == 1 ? count - 1 : count;
    }

    private static EmbeddingSpace SpaceOf(TextModelFolder folder, string revision)
    {
        string metric = folder.Metric.ToString().ToLowerInvariant();
        bool normalized = folder.Modules is [.., { Normalizes: true }] && folder.Modules[^1].Dimensions == folder.Dimensions;
        return new EmbeddingSpace
        {
            // The weights' own bytes are left out: the fp32 and the int8 file of a folder give one space.
            SpaceId = $"{folder.Folder.Name}@{revision[..12]}/{folder.Dimensions}/{metric}/{(normalized ? "unit" : "raw")}",
            Fingerprint = folder.Folder.Hash(),
            Dimensions = folder.Dimensions,
            Metric = folder.Metric,
            IsNormalized = normalized,
        };
    }
}
