using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Scheduling;
using Polymodal.Providers.Local.StaticVectors;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>
/// A text model folder, ready to run: tokenizer → batch plan → transformer → pooling → further steps. The layer below
/// <see cref="LocalTextEmbeddingGenerator"/>, for those who want to see or choose a step.
/// </summary>
/// <remarks>Safe for concurrent use. <see cref="Dispose"/> ends runs under way, fails what waits, and may be called again.</remarks>
public sealed class LocalTextModel : IDisposable, ITowerModel
{
    private readonly TextModelFolder _folder;
    private readonly LocalEngine<TextItem> _engine;

    private LocalTextModel(TextModelFolder folder, LocalTextEmbeddingOptions options)
    {
        _folder = folder;
        LongText = options.LongText;
        Space = options.LongText == LongTextHandling.Pool ? folder.Space with { Fingerprint = $"{folder.Space.Fingerprint}/long-pooled" } : folder.Space;
        _engine = new(new TextRunner(), TextPlans.Of(folder, options), options);
    }

    /// <summary>The folder's name.</summary>
    public string Name => _folder.Name;

    /// <summary>The space of its vectors.</summary>
    public EmbeddingSpace Space { get; }

    /// <summary>How a model with several towers turns the cosine of a text and a picture or sound into a probability; null where the folder does not say.</summary>
    public ContrastiveScale? Scale => _folder.Scale?.Value;

    /// <summary>The folder's tokenizer.</summary>
    public Tokenizer Tokenizer => _folder.DefaultChain.Encoder.Tokenizer;

    /// <summary>Where a text is cut, special tokens included.</summary>
    public int MaxTokens => _folder.DefaultChain.Encoder.MaxTokens;

    /// <summary>The folder's prompts by name.</summary>
    public IReadOnlyDictionary<string, string> Prompts => _folder.Prompts;

    /// <summary>Whether padding stands before a text.</summary>
    public bool PadsLeft => _folder.DefaultChain.Encoder.PadsLeft;

    /// <summary>How runs are planned at present: as the options say, or the best that was found so far.</summary>
    public RunPlan Plan => _engine.Plan;

    /// <summary>
    /// Whether the vector of a text depends on what else is in the run, because the ONNX file quantises all texts of a run with one scale. Such a file is
    /// run text by text, unless <see cref="LocalTextEmbeddingOptions.TokensPerRun"/> is set, and never with texts of two callers.
    /// </summary>
    public bool ScaleSpansBatch => _folder.ScaleSpansBatch;

    /// <summary>Hears once of the plan that measuring found, on a thread of the engine.</summary>
    internal Action<RunPlan>? PlanFound { set => _engine.PlanFound = value; }

    /// <summary>The prompt used when no intent is given, or empty.</summary>
    public string DefaultPrompt => _folder.DefaultPromptName is { } name ? _folder.Prompts[name] : "";

    /// <summary>Loads a model folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">Weights, lengths, run size and threads; <see cref="LocalEmbeddingOptions.ModelPath"/> is not looked at.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static LocalTextModel Load(string path, LocalTextEmbeddingOptions? options = null)
    {
        LocalTextEmbeddingOptions chosen = LocalEmbeddingOptions.Validated(options ?? new());
        return new LocalTextModel(TextModelFolder.Load(new ModelFolder(TowersManifest.Resolve(path, EmbeddingModality.Text)), chosen), chosen);
    }

    /// <summary>Loads a folder of model2vec as that library does: unknown words are left out, long texts are cut where its config says.</summary>
    /// <remarks>Such a folder can also be loaded by <see cref="Load"/> where it has a modules.json; unknown words then count, as in sentence-transformers, and the vectors are others.</remarks>
    /// <param name="path">The folder.</param>
    /// <param name="options">Run size and what happens to long texts; what else it has is of no matter here.</param>
    /// <param name="settings">Settings to take in the place of the folder's own; null for none.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them disagree; the message names file and field.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not built; the message lists what is.</exception>
    public static LocalTextModel LoadModel2Vec(string path, LocalTextEmbeddingOptions? options = null, Model2VecSettings? settings = null) =>
        new(TextModelFolder.LoadModel2Vec(new ModelFolder(path), settings), LocalEmbeddingOptions.Validated(options ?? new()));

    /// <summary>The prompt for an intent, by sentence-transformers' rule: a query takes prompt <c>query</c>, a document <c>document</c>.</summary>
    /// <param name="intent">The intent, or null for the default prompt.</param>
    /// <returns>The prompt; empty when there is none.</returns>
    /// <remarks>
    /// Reference: sentence-transformers 6.2, encode_query and encode_document: both names are always there, empty where the folder has none, and win over
    /// the default; so a folder with only <c>passage</c> gives documents no prompt. A model known under other names (<see cref="LocalModel.PromptNames"/>) is asked for those.
    /// </remarks>
    public string PromptFor(EmbeddingIntent? intent) => intent is { } known
        ? Prompts.GetValueOrDefault(_folder.PromptNameFor(known), known is EmbeddingIntent.Query or EmbeddingIntent.Document ? "" : DefaultPrompt)
        : DefaultPrompt;

    /// <summary>Embeds texts and waits for them, see <see cref="EncodeAsync"/>.</summary>
    /// <param name="texts">Any number; empty text is allowed.</param>
    /// <param name="options">Prompt, length, normalisation; null is none of them.</param>
    /// <param name="cancellationToken">Ends the wait, and the runs that hold no texts of others.</param>
    /// <returns>One vector a text, in the order given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="texts"/> or one of them is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More dimensions are asked for than the model has, or fewer than 1.</exception>
    /// <exception cref="EmbeddingOverloadException">Too much waits for the model already.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public TextEncoding Encode(IReadOnlyList<string> texts, TextEncodingOptions? options = null, CancellationToken cancellationToken = default) =>
        EncodeAsync(texts, options, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Embeds texts on the threads of the engine, which all callers share.</summary>
    /// <param name="texts">Any number; empty text is allowed.</param>
    /// <param name="options">Prompt, length, normalisation; null is none of them.</param>
    /// <param name="cancellationToken">Ends the wait, and the runs that hold no texts of others.</param>
    /// <returns>One vector a text, in the order given. The vector of a text is the same alone and in any list, within 1e-6, unless <see cref="ScaleSpansBatch"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="texts"/> or one of them is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More dimensions are asked for than the model has, or fewer than 1.</exception>
    /// <exception cref="EmbeddingOverloadException">Too much waits for the model already.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public async Task<TextEncoding> EncodeAsync(IReadOnlyList<string> texts, TextEncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        string[] copy = [.. texts];
        int missing = Array.IndexOf(copy, null);
        if (missing >= 0)
            throw new ArgumentNullException(nameof(texts), $"text {missing} of {copy.Length} is null. Give empty text where there is none.");
        options ??= new TextEncodingOptions();
        int dimensions = options.Dimensions ?? Space.Dimensions;
        if (dimensions < 1 || dimensions > Space.Dimensions)
            throw new ArgumentOutOfRangeException(nameof(options), dimensions, $"{Name} gives {Space.Dimensions} dimensions; Dimensions must be 1 to {Space.Dimensions}.");

        var submission = new TextSubmission(_folder.ChainFor(options.Intent), copy, options.Prompt, options.Intent);
        CallResult<float[]> result = await _engine.RunAsync(submission, cancellationToken).ConfigureAwait(false);
        float[][] vectors = result.Results;
        for (int text = 0; text < vectors.Length; text++)
        {
            if (dimensions < vectors[text].Length)
                vectors[text] = vectors[text][..dimensions];
            if (options.Normalize || _folder.NormalizesCut)
                L2.Normalize(vectors[text], dimensions);
        }

        return new TextEncoding(vectors, submission.Tokens, submission.CutTexts) { Statistics = result.Statistics };
    }

    /// <summary>Runs texts as one batch and keeps the result of every step.</summary>
    /// <param name="texts">The texts; at least one.</param>
    /// <param name="prompt">Put before every text.</param>
    /// <param name="intent">Chooses the way through a model that has several.</param>
    /// <param name="padsLeft">Where padding stands; null for the folder's own side.</param>
    public TextTrace Trace(IReadOnlyList<string> texts, string prompt = "", EmbeddingIntent? intent = null, bool? padsLeft = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(prompt);
        TextChain chain = _folder.ChainFor(intent);
        TextEncoder encoder = chain.Encoder;
        TextBatch batch = encoder.Tokenize(texts, prompt, CancellationToken.None).Batch([.. Enumerable.Range(0, texts.Count)], encoder.PadId, padsLeft ?? encoder.PadsLeft, intent, encoder.FixedLength);
        int promptTokens = encoder.PromptTokens(prompt);
        var steps = new TextSteps();
        chain.Run(batch, promptTokens, steps);
        return new TextTrace(batch, promptTokens, steps);
    }

    /// <summary>What happens to texts that are too long.</summary>
    internal LongTextHandling LongText { get; }

    /// <summary>The way through the model for an intent.</summary>
    internal TextChain ChainFor(EmbeddingIntent? intent) => _folder.ChainFor(intent);

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }
}
