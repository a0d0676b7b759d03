using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Turns text into the token numbers a model was trained with, as its tokenizer.json says, and back.
/// </summary>
/// <remarks>
/// <para>
/// Four steps, each a type of the file: the normalizer rewrites text, the pre-tokenizer cuts it into pieces, the model makes tokens of a
/// piece, the post-processor adds special tokens. Added tokens such as <c>[MASK]</c> are found before all that.
/// </para>
/// <para>
/// Immutable and safe for concurrent use. The same ids, offsets and masks as HuggingFace tokenizers 0.23.3, on every machine: the
/// character tables are its own. An unpaired surrogate, which cannot reach that library, counts as U+FFFD.
/// </para>
/// </remarks>
public sealed class Tokenizer
{
    private readonly TokenizerJson _file;
    private readonly AddedVocabulary _vocabulary;
    private readonly TokenizerPipeline _pipeline;

    private Tokenizer(TokenizerJson file)
    {
        _file = file;
        _vocabulary = new AddedVocabulary(file.AddedTokens, file.Model.Vocabulary, file.Normalizer);
        _pipeline = new TokenizerPipeline(_vocabulary, file.Normalizer, file.PreTokenizer, file.Model);
    }

    /// <summary>How many tokens there are, added ones included. Ids may have holes and lie above it.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>The model's token for what its vocabulary cannot make, or null when it has none.</summary>
    public int? UnknownId => _file.Model.UnknownId;

    /// <summary>The file's own truncation, or null. It acts only where it is asked for, see <see cref="FileOptions"/>.</summary>
    public Truncation? Truncation => _file.Truncation;

    /// <summary>The file's own padding, or null. It acts only where it is asked for, see <see cref="FileOptions"/>.</summary>
    public Padding? Padding => _file.Padding;

    /// <summary>Options that cut and fill up as the file says.</summary>
    public EncodeOptions FileOptions => new() { Truncation = Truncation, Padding = Padding };

    /// <summary>Reads a tokenizer.json.</summary>
    /// <param name="tokenizerJson">Path of the file.</param>
    /// <exception cref="ArgumentException"><paramref name="tokenizerJson"/> is empty.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged; the message names the field.</exception>
    /// <exception cref="NotSupportedException">A step has a type that is not known; the message lists those that are.</exception>
    public static Tokenizer FromFile(string tokenizerJson)
    {
        ArgumentException.ThrowIfNullOrEmpty(tokenizerJson);
        return FromJson(File.ReadAllBytes(tokenizerJson), tokenizerJson);
    }

    /// <summary>Reads the content of a tokenizer.json.</summary>
    /// <param name="utf8Json">The content, UTF-8 without byte order mark. Nothing of it is kept.</param>
    /// <param name="source">What messages call it, e.g. the file's name.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="InvalidDataException">The content is damaged; the message names the field.</exception>
    /// <exception cref="NotSupportedException">A step has a type that is not known; the message lists those that are.</exception>
    public static Tokenizer FromJson(ReadOnlySpan<byte> utf8Json, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new Tokenizer(TokenizerJson.Read(utf8Json, source));
    }

    /// <summary>Reads the tokenizer of a model folder: its tokenizer.json or, where there is none, the vocabulary files of older models.</summary>
    /// <param name="path">
    /// The folder. Without tokenizer.json it holds <c>vocab.txt</c>, <c>vocab.json</c> with <c>merges.txt</c>, a SentencePiece model
    /// (<c>sentencepiece.bpe.model</c>, <c>spiece.model</c>, <c>spm.model</c>, <c>tokenizer.model</c>), <c>bpe_simple_vocab_16e6.txt.gz</c> or
    /// a <c>.tiktoken</c> file; <c>tokenizer_class</c> in tokenizer_config.json, else <c>model_type</c> in config.json, says of which family it
    /// is, and special_tokens_map.json and added_tokens.json are read too. The pipeline is the one that transformers converts such files to.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has none of these files.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; the message names the field or line.</exception>
    /// <exception cref="NotSupportedException">The family is not known, or not said; the message lists those that are.</exception>
    public static Tokenizer FromFolder(string path) => TokenizerFolder.Read(new ModelFolder(path), "");

    /// <summary>A tokenizer that lower-cases before everything this one does, as <c>do_lower_case</c> in sentence_bert_config.json asks.</summary>
    public Tokenizer WithLowercase() =>
        new(_file with { Normalizer = _file.Normalizer is { } normalizer ? new NormalizerSequence([new Lowercase(), normalizer]) : new Lowercase() });

    /// <summary>The id of a token, or null when there is no such token.</summary>
    /// <param name="token">The token as written in the vocabulary.</param>
    /// <exception cref="ArgumentNullException"><paramref name="token"/> is null.</exception>
    public int? TokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _vocabulary.IdOf(token);
    }

    /// <summary>The token of an id, or null when there is no such id.</summary>
    /// <param name="id">The id.</param>
    public string? IdToToken(int id) => _vocabulary.TokenOf(id);

    /// <summary>Turns a text into ids, without allocating once the buffer has grown.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="buffer">The caller's, one a thread; holds type ids and counts too.</param>
    /// <param name="maxTokens">
    /// The most ids, special ones included. Tokens are dropped at the end of the text, so a closing special token stays. A text that is
    /// much longer is not read to its end, where the steps of the tokenizer allow that.
    /// </param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its special tokens.</param>
    /// <returns>The buffer's <see cref="TokenBuffer.InputIds"/>, valid until it is used again.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokens"/> is less than the special tokens alone.</exception>
    /// <exception cref="InvalidDataException">The text needs an unknown token, and the vocabulary has none.</exception>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> text, TokenBuffer buffer, int maxTokens = int.MaxValue, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        IReadOnlyList<TemplatePiece> template = _file.PostProcessor.Single;
        int specialTokens = addSpecialTokens ? _file.PostProcessor.SpecialTokenCount(isPair: false) : 0;
        if (maxTokens < specialTokens)
            throw new ArgumentOutOfRangeException(nameof(maxTokens), $"maxTokens is {maxTokens}; the special tokens alone are {specialTokens}. Allow more.");
        buffer.Clear();
        int room = maxTokens - specialTokens;
        _pipeline.RunStart(text, buffer.Workspace, room);
        ReadOnlySpan<int> ids = buffer.Workspace.Tokens.Ids;
        for (int i = 0; i < template.Count; i++)
        {
            TemplatePiece piece = template[i];
            if (!piece.IsSpecial)
            {
                buffer.WasCut = ids.Length > room;
                buffer.Add(ids[..Math.Min(ids.Length, room)], piece.TypeId);
            }
            else if (addSpecialTokens)
            {
                buffer.Add(piece.Ids, piece.TypeId);
            }
        }

        return buffer.InputIds;
    }

    /// <summary>Turns a text into tokens with all that is known of them.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="options">Special tokens, truncation, padding; null: special tokens, nothing cut or filled up.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentException">Truncation cannot be done: the stride is too long, or the text to be cut is too short or missing.</exception>
    /// <exception cref="InvalidDataException">The text needs an unknown token, and the vocabulary has none.</exception>
    public EncodedText Encode(string text, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EncodeBatch([(text, null)], options)[0];
    }

    /// <summary>Turns a pair of texts into tokens with all that is known of them.</summary>
    /// <param name="text">The first text; may be empty.</param>
    /// <param name="pair">The second text; may be empty.</param>
    /// <param name="options">Special tokens, truncation, padding; null: special tokens, nothing cut or filled up.</param>
    /// <exception cref="ArgumentNullException">A text is null.</exception>
    /// <exception cref="ArgumentException">Truncation cannot be done: the stride is too long, or the text to be cut is too short.</exception>
    /// <exception cref="InvalidDataException">The text needs an unknown token, and the vocabulary has none.</exception>
    public EncodedText Encode(string text, string pair, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(pair);
        return EncodeBatch([(text, pair)], options)[0];
    }

    /// <summary>Turns texts and pairs into tokens, filled up to one length where the options say so.</summary>
    /// <param name="inputs">The texts, each with its second one or null.</param>
    /// <param name="options">Special tokens, truncation, padding; null: special tokens, nothing cut or filled up.</param>
    /// <returns>One for each input, in order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="inputs"/> or a first text is null.</exception>
    /// <exception cref="ArgumentException">Truncation cannot be done: the stride is too long, or the text to be cut is too short or missing.</exception>
    /// <exception cref="InvalidDataException">A text needs an unknown token, and the vocabulary has none.</exception>
    public IReadOnlyList<EncodedText> EncodeBatch(IReadOnlyList<(string Text, string? Pair)> inputs, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        options ??= new EncodeOptions();
        var workspace = new TokenizerWorkspace();
        var assembly = new TokenAssembly(_file.PostProcessor, options);
        var sequences = new List<TokenSequence>(inputs.Count);
        foreach ((string text, string? pair) in inputs)
        {
            ArgumentNullException.ThrowIfNull(text, nameof(inputs));
            sequences.Add(assembly.Assemble(Tokens(text, workspace), pair is null ? null : Tokens(pair, workspace)));
        }

        assembly.Pad(sequences);
        return [.. sequences.Select(sequence => new EncodedText(sequence))];
    }

    /// <summary>Turns a text that is already cut into words into tokens: each word goes through all steps by itself.</summary>
    /// <param name="words">The words; an empty one gives no token. Offsets count from the start of each word, <see cref="EncodedText.WordIds"/> is the word's index.</param>
    /// <param name="pair">The words of a second text, or null.</param>
    /// <param name="options">Special tokens, truncation, padding; null: special tokens, nothing cut or filled up.</param>
    /// <exception cref="ArgumentNullException"><paramref name="words"/> or a word is null.</exception>
    /// <exception cref="ArgumentException">Truncation cannot be done: the stride is too long, or the text to be cut is too short or missing.</exception>
    /// <exception cref="InvalidDataException">A word needs an unknown token, and the vocabulary has none.</exception>
    public EncodedText EncodeWords(IReadOnlyList<string> words, IReadOnlyList<string>? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        var workspace = new TokenizerWorkspace();
        var assembly = new TokenAssembly(_file.PostProcessor, options ?? new EncodeOptions());
        TokenSequence sequence = assembly.Assemble(WordTokens(words, workspace), pair is null ? null : WordTokens(pair, workspace));
        assembly.Pad([sequence]);
        return new EncodedText(sequence);
    }

    /// <summary>Turns ids back into text.</summary>
    /// <param name="ids">The ids; those that are no token's are left out.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <returns>The text as the file's decoder joins it, which is seldom the text that was encoded; without decoder tokens with spaces between.</returns>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (int id in ids)
        {
            if (_vocabulary.DecodedTokenOf(id) is { } token && !(skipSpecialTokens && _vocabulary.IsSpecial(token)))
                tokens.Add(token);
        }

        return _file.Decoder?.Decode(tokens) ?? string.Join(' ', tokens);
    }

    private TokenSequence Tokens(string text, TokenizerWorkspace workspace)
    {
        _pipeline.Run(text, workspace, tracks: true);
        return new TokenSequence(workspace.Tokens.Tracked());
    }

    private TokenSequence WordTokens(IReadOnlyList<string> words, TokenizerWorkspace workspace)
    {
        var tokens = new List<EncodedToken>();
        for (int i = 0; i < words.Count; i++)
        {
            int word = i;
            ArgumentNullException.ThrowIfNull(words[i], nameof(words));
            _pipeline.Run(words[i], workspace, tracks: true);
            tokens.AddRange(workspace.Tokens.Tracked().Select(token => token with { Word = word }));
        }

        return new TokenSequence(tokens);
    }
}
