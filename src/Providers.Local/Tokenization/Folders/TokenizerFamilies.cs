using static Polymodal.Providers.Local.Tokenization.TokenizerSections;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The families that are known. A further one is a further value.</summary>
/// <remarks>
/// Reference: the converters of transformers, convert_slow_tokenizer.py, and where they changed over the years the tokenizer.json files that
/// models are published with; special tokens from its tokenizers' defaults.
/// </remarks>
internal static class TokenizerFamilies
{
    private const string StripOne = """,{"type":"Strip","content":" ","start":1,"stop":0}""";
    private const int WhisperVocabulary = 50257, WhisperTimestamps = 1501;

    // The languages of OpenAI's Whisper in the order of their tokens; the English models and versions before 3 end before the last one.
    private const string WhisperLanguages =
        "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw " +
        "gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su";

    private static readonly Dictionary<string, string> BertTokens = Roles(unk: "[UNK]", sep: "[SEP]", pad: "[PAD]", cls: "[CLS]", mask: "[MASK]");
    private static readonly Dictionary<string, string> RobertaTokens = Roles("<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>");

    private static readonly TokenizerFamily Bert = new()
    {
        Classes =
        [
            "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "ConvBertTokenizer", "LxmertTokenizer", "SqueezeBertTokenizer", "LayoutLMTokenizer",
            "DPRQuestionEncoderTokenizer", "DPRContextEncoderTokenizer", "DPRReaderTokenizer", "RetriBertTokenizer",
        ],
        ModelTypes = ["bert", "distilbert", "electra", "mobilebert", "convbert", "lxmert", "squeezebert", "layoutlm", "dpr"],
        Formats = [VocabularyFormat.Lines],
        Special = BertTokens,
        Model = WordPieceSection,
        Normalizer = BertNormalizerSection,
        PreTokenizer = _ => BertPreTokenizerSection,
        PostProcessor = build => build.Template("cls:0 A:0 sep:0", "cls:0 A:0 sep:0 B:1 sep:1"),
        Decoder = _ => WordPieceDecoderSection,
    };

    private static readonly TokenizerFamily Gpt2 = new()
    {
        Classes = ["GPT2Tokenizer", "CodeGenTokenizer"],
        ModelTypes = ["gpt2", "codegen", "gpt_neo"],
        Formats = [VocabularyFormat.Merges, VocabularyFormat.Ranks],
        Special = Roles("<|endoftext|>", "<|endoftext|>", "<|endoftext|>"),
        Model = ByteLevelModelSection,
        PreTokenizer = ByteLevelSection,
        PostProcessor = build => build.Flag("add_bos_token", false) ? build.Template("bos:0 A:0", "bos:0 A:0 B:1") : ByteLevelOffsets,
        Decoder = _ => ByteLevelDecoderSection,
    };

    private static readonly TokenizerFamily Roberta = Gpt2 with
    {
        Classes = ["RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer", "MvpTokenizer"],
        ModelTypes = ["roberta", "bart", "longformer", "led", "mvp"],
        Formats = [VocabularyFormat.Merges],
        Special = RobertaTokens,
        MaskStripsLeft = true,
        PostProcessor = build => build.Roberta("cls", "sep", build.Flag("trim_offsets", true), build.Flag("add_prefix_space", false)),
    };

    private static readonly TokenizerFamily Clip = new()
    {
        Classes = ["CLIPTokenizer"],
        ModelTypes = ["clip", "clip_text_model"],
        Formats = [VocabularyFormat.Merges, VocabularyFormat.OpenAIClip],
        Special = Roles("<|startoftext|>", "<|endoftext|>", "<|endoftext|>", pad: "<|endoftext|>"),
        Model = build => BpeSection(TokenizerBuild.Json(build.Special("unk")), "\"</w>\"", build),
        Normalizer = _ => NormalizerSteps(["""{"type":"NFC"}""", """{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "}""", """{"type":"Lowercase"}"""]),
        PreTokenizer = _ =>
            $$"""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":{{TokenizerBuild.Json(WordPatterns.Clip)}}},"behavior":"Removed","invert":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}""",
        PostProcessor = build => build.Roberta("bos", "eos", trimOffsets: false, addPrefixSpace: false),
        Decoder = _ => ByteLevelDecoderSection,
    };

    private static readonly TokenizerFamily Qwen = Gpt2 with
    {
        Classes = ["Qwen2Tokenizer"],
        ModelTypes = ["qwen2", "qwen3"],
        Special = Roles(eos: "<|endoftext|>", pad: "<|endoftext|>"),
        Extra = _ => ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        Normalizer = _ => """{"type":"NFC"}""",
        PreTokenizer = build => SplitAndByteLevel(WordPatterns.Qwen, build),
        PostProcessor = _ => ByteLevelOffsets,
    };

    private static readonly TokenizerFamily Whisper = Gpt2 with
    {
        Classes = ["WhisperTokenizer"],
        ModelTypes = ["whisper"],
        Extra = WhisperTokens,
        PostProcessor = build => build.Template("<|startoftranscript|>:0 <|notimestamps|>:0 A:0 eos:0", "<|startoftranscript|>:0 <|notimestamps|>:0 A:0 B:1 eos:1"),
    };

    private static readonly TokenizerFamily XlmRoberta = new()
    {
        Classes = ["XLMRobertaTokenizer"],
        ModelTypes = ["xlm-roberta"],
        Formats = VocabularyFormat.SentencePiece,
        Special = RobertaTokens,
        MaskStripsLeft = true,
        Arrange = (vocabulary, build) => Rearranged(vocabulary, skip: 3, [build.Special("bos"), build.Special("pad"), build.Special("eos"), build.Special("unk")], [build.Special("mask")]),
        Model = build => SentencePieceSection(3, byteFallback: false, build),
        Normalizer = CharsmapSection,
        PreTokenizer = WordsSection,
        PostProcessor = build => build.Template("cls:0 A:0 sep:0", "cls:0 A:0 sep:0 sep:0 B:0 sep:0"),
        Decoder = MetaspaceSection,
    };

    private static readonly TokenizerFamily Llama = new()
    {
        Classes = ["LlamaTokenizer", "CodeLlamaTokenizer"],
        ModelTypes = ["llama", "mistral"],
        Formats = VocabularyFormat.SentencePiece,
        Special = Roles("<s>", "</s>", "<unk>"),
        Model = build => SentencePieceSection(0, byteFallback: true, build),
        Normalizer = build => !build.Flag("legacy", true) ? "null" : NormalizerSteps([.. build.Flag("add_prefix_space", true) ? ["""{"type":"Prepend","prepend":"▁"}"""] : Array.Empty<string>(), SpacesAsMarks]),
        PreTokenizer = build => build.Flag("legacy", true) ? "null" : MetaspaceSection(PrependScheme(build), split: false),
        PostProcessor = build => StartAndEnd(build, start: true, end: false),
        Decoder = build => $$"""{"type":"Sequence","decoders":[{{BytesAndMarks}}{{(build.Flag("add_prefix_space", true) ? StripOne : "")}}]}""",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<TokenizerFamily> All { get; } =
    [
        Bert,
        Bert with
        {
            Classes = ["MPNetTokenizer"],
            ModelTypes = ["mpnet"],
            Special = Roles("<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"),
            MaskStripsLeft = true,
            PostProcessor = build => build.Template("cls:0 A:0 sep:0", "cls:0 A:0 sep:0 sep:0 B:1 sep:1"),
        },
        Gpt2,
        Roberta,
        Roberta with
        {
            Classes = ["DebertaTokenizer"],
            ModelTypes = ["deberta"],
            Special = Roles("[CLS]", "[SEP]", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"),
            PostProcessor = build => build.Template("cls:0 A:0 sep:0", "cls:0 A:0 sep:0 B:1 sep:1"),
        },
        Clip,
        Qwen,
        Whisper,
        Ranks("cl100k_base", WordPatterns.Cl100k, ("<|endoftext|>", 100257), ("<|fim_prefix|>", 100258), ("<|fim_middle|>", 100259), ("<|fim_suffix|>", 100260), ("<|endofprompt|>", 100276)),
        Ranks("o200k_base", WordPatterns.O200k, ("<|endoftext|>", 199999), ("<|endofprompt|>", 200018)),
        XlmRoberta,
        XlmRoberta with
        {
            Classes = ["AlbertTokenizer"],
            ModelTypes = ["albert"],
            Special = Roles("[CLS]", "[SEP]", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]"),
            Arrange = (vocabulary, _) => vocabulary with { Tokens = [.. vocabulary.Tokens.Select(token => EndsInNumberAndComma(token.Text) ? token with { Score = token.Score - 100 } : token)] },
            Model = build => SentencePieceSection(null, byteFallback: false, build),
            Normalizer = AlbertNormalizer,
            PostProcessor = build => build.Template("cls:0 A:0 sep:0", "cls:0 A:0 sep:0 B:1 sep:1"),
        },
        XlmRoberta with
        {
            Classes = ["T5Tokenizer"],
            ModelTypes = ["t5", "mt5"],
            Special = Roles(eos: "</s>", unk: "<unk>", pad: "<pad>"),
            MaskStripsLeft = false,
            Arrange = (vocabulary, build) => Rearranged(vocabulary, skip: 0, [], T5Sentinels(build.Number("extra_ids", 100))),
            Extra = vocabulary => vocabulary.Tokens.Select(token => token.Text).Where(token => token.StartsWith("<extra_id_", StringComparison.Ordinal)),
            Model = build => SentencePieceSection(null, byteFallback: false, build),
            PostProcessor = build => build.Template("A:0 eos:0", "A:0 eos:0 B:0 eos:0"),
        },
        XlmRoberta with
        {
            Classes = ["DebertaV2Tokenizer"],
            ModelTypes = ["deberta-v2"],
            Special = Roles("[CLS]", "[SEP]", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"),
            MaskStripsLeft = false,
            Arrange = null,
            Model = build => SentencePieceSection(null, byteFallback: false, build),
            Normalizer = DebertaNormalizer,
            PreTokenizer = build => build.Flag("split_by_punct", false) ? $$"""{"type":"Sequence","pretokenizers":[{"type":"Punctuation","behavior":"Isolated"},{{MetaspaceSection(build)}}]}""" : MetaspaceSection(build),
            PostProcessor = build => build.Template("cls:0 A:0 sep:0", "cls:0 A:0 sep:0 B:1 sep:1"),
        },
        Llama,
        Llama with
        {
            Classes = ["GemmaTokenizer"],
            ModelTypes = ["gemma", "gemma2", "gemma3_text"],
            Special = Roles("<bos>", "<eos>", "<unk>", pad: "<pad>"),
            Model = build => SentencePieceSection(3, byteFallback: true, build),
            Normalizer = _ => SpacesAsMarks,
            PreTokenizer = _ => """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""",
            Decoder = _ => $$"""{"type":"Sequence","decoders":[{{BytesAndMarks}}]}""",
        },
    ];

    private static TokenizerFamily Ranks(string name, string pattern, params (string Token, int Id)[] special) => Gpt2 with
    {
        Classes = [name],
        ModelTypes = [],
        Formats = [VocabularyFormat.Ranks with { Files = [$"{name}.tiktoken"] }],
        Special = Roles(),
        Arrange = (vocabulary, _) => vocabulary with { Tokens = [.. vocabulary.Tokens, .. special.Select(token => new RawToken(token.Token, token.Id))] },
        Extra = _ => special.Select(token => token.Token),
        PreTokenizer = build => SplitAndByteLevel(pattern, build),
        PostProcessor = _ => ByteLevelOffsets,
    };

    private static string StartAndEnd(TokenizerBuild build, bool start, bool end)
    {
        bool starts = build.Flag("add_bos_token", start), ends = build.Flag("add_eos_token", end);
        string Around(string text, int type) => $"{(starts ? $"bos:{type} " : "")}{text}:{type}{(ends ? $" eos:{type}" : "")}";
        return build.Template(Around("A", 0), $"{Around("A", 0)} {Around("B", 1)}");
    }

    private static IEnumerable<string> WhisperTokens(RawVocabulary vocabulary)
    {
        // The English vocabulary is one token shorter; its models have the languages' tokens all the same.
        bool isMultilingual = vocabulary.Tokens.Count >= WhisperVocabulary;
        return
        [
            "<|endoftext|>", "<|startoftranscript|>", .. WhisperLanguages.Split(' ').Select(language => $"<|{language}|>"), "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>",
            isMultilingual ? "<|nospeech|>" : "<|nocaptions|>", "<|notimestamps|>",
            .. Enumerable.Range(0, WhisperTimestamps).Select(step => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<|{step * 0.02:0.00}|>")),
        ];
    }

    private static string[] T5Sentinels(int count) => [.. Enumerable.Range(0, count).Select(index => $"<extra_id_{count - 1 - index}>")];

    // A number with a comma behind it is split, as the models were trained: its piece counts less.
    private static bool EndsInNumberAndComma(string piece) => piece.Length >= 2 && piece[^1] == ',' && char.IsDigit(piece[^2]);

    private static RawVocabulary Rearranged(RawVocabulary vocabulary, int skip, string[] before, string[] after)
    {
        HashSet<string> known = skip == 0 ? [.. vocabulary.Tokens.Select(token => token.Text)] : [];
        IEnumerable<RawToken> tokens = before.Select(token => new RawToken(token, 0)).Concat(vocabulary.Tokens.Skip(skip)).Concat(after.Where(token => !known.Contains(token)).Select(token => new RawToken(token, 0)));
        return vocabulary with { Tokens = [.. tokens.Select((token, id) => token with { Id = id })] };
    }

    private static Dictionary<string, string> Roles(string? bos = null, string? eos = null, string? unk = null, string? sep = null, string? pad = null, string? cls = null, string? mask = null) =>
        TokenizerSettings.Roles.Zip(new[] { bos, eos, unk, sep, pad, cls, mask }).Where(role => role.Second is not null).ToDictionary(role => role.First, role => role.Second!, StringComparer.Ordinal);
}
