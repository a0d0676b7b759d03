namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Sections of tokenizer.json that several families share.</summary>
internal static class TokenizerSections
{
    public const string ByteLevelDecoderSection = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";
    public const string ByteLevelOffsets = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true}""";
    public const string BertPreTokenizerSection = """{"type":"BertPreTokenizer"}""";
    public const string WordPieceDecoderSection = """{"type":"WordPiece","prefix":"##","cleanup":true}""";
    public const string SpacesAsMarks = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";
    public const string BytesAndMarks = """{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}""";

    /// <summary>A BPE model over bytes.</summary>
    public static string ByteLevelModelSection(TokenizerBuild build) => BpeSection("null", "\"\"", build);

    /// <summary>A BPE model.</summary>
    /// <param name="unknown">The unknown token as JSON.</param>
    /// <param name="suffix">What ends a word, as JSON.</param>
    /// <param name="build">The build.</param>
    public static string BpeSection(string unknown, string suffix, TokenizerBuild build) =>
        $$"""{"type":"BPE","dropout":null,"unk_token":{{unknown}},"continuing_subword_prefix":"","end_of_word_suffix":{{suffix}},"fuse_unk":false,"byte_fallback":false,"ignore_merges":{{TokenizerBuild.Json(build.Vocabulary.HasRanks)}}}""";

    /// <summary>A WordPiece model.</summary>
    public static string WordPieceSection(TokenizerBuild build) =>
        $$"""{"type":"WordPiece","unk_token":{{TokenizerBuild.Json(build.Special("unk"))}},"continuing_subword_prefix":"##","max_input_chars_per_word":100}""";

    /// <summary>BERT's normalizer with the switches of the configuration.</summary>
    public static string BertNormalizerSection(TokenizerBuild build) =>
        $$"""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":{{TokenizerBuild.Json(build.Flag("tokenize_chinese_chars", true))}},"strip_accents":{{build.OptionalFlag("strip_accents")}},"lowercase":{{TokenizerBuild.Json(build.Flag("do_lower_case", true))}}}""";

    /// <summary>ByteLevel with its own pattern.</summary>
    public static string ByteLevelSection(TokenizerBuild build) =>
        $$"""{"type":"ByteLevel","add_prefix_space":{{TokenizerBuild.Json(build.Flag("add_prefix_space", false))}},"trim_offsets":true,"use_regex":true}""";

    /// <summary>Cuts by a pattern, whose matches are the pieces, then writes bytes as characters.</summary>
    public static string SplitAndByteLevel(string pattern, TokenizerBuild build) =>
        $$"""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":{{TokenizerBuild.Json(pattern)}}},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":{{TokenizerBuild.Json(build.Flag("add_prefix_space", false))}},"trim_offsets":true,"use_regex":false}]}""";

    /// <summary>A SentencePiece model of the kind that its file is of.</summary>
    /// <param name="unknownId">Id of the unknown token in a Unigram model; null: as the file says.</param>
    /// <param name="byteFallback">Whether characters without a token become their bytes.</param>
    /// <param name="build">The build.</param>
    public static string SentencePieceSection(int? unknownId, bool byteFallback, TokenizerBuild build)
    {
        SentencePieceModel pieces = build.Vocabulary.SentencePiece ?? throw new InvalidDataException($"{build.Vocabulary.Source} is no SentencePiece model. Fetch the folder again.");
        return pieces.IsBpe
            ? $$"""{"type":"BPE","dropout":null,"unk_token":{{TokenizerBuild.Json(pieces.UnknownPiece)}},"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":{{TokenizerBuild.Json(byteFallback)}},"ignore_merges":false}"""
            : $$"""{"type":"Unigram","unk_id":{{unknownId ?? pieces.UnknownId}},"byte_fallback":{{TokenizerBuild.Json(byteFallback)}}}""";
    }

    /// <summary>The charsmap of the file.</summary>
    public static string CharsmapSection(TokenizerBuild build) => Charsmap(build) is [var charsmap] ? charsmap : "null";

    /// <summary>Cuts at white space and puts a mark before every word.</summary>
    public static string WordsSection(TokenizerBuild build) => $$"""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{{MetaspaceSection(build)}}]}""";

    /// <summary>The normalizers of ALBERT.</summary>
    public static string AlbertNormalizer(TokenizerBuild build)
    {
        List<string> steps = ["""{"type":"Replace","pattern":{"String":"``"},"content":"\""}""", """{"type":"Replace","pattern":{"String":"''"},"content":"\""}"""];
        if (!build.Flag("keep_accents", false))
            steps.AddRange(["""{"type":"NFKD"}""", """{"type":"StripAccents"}"""]);
        if (build.Flag("do_lower_case", true))
            steps.Add("""{"type":"Lowercase"}""");
        return NormalizerSteps([.. steps, .. Charsmap(build)]);
    }

    /// <summary>The normalizers of DeBERTa 2 and 3.</summary>
    public static string DebertaNormalizer(TokenizerBuild build) => NormalizerSteps(
    [
        .. build.Flag("do_lower_case", false) ? ["""{"type":"Lowercase"}"""] : Array.Empty<string>(),
        """{"type":"Strip","strip_left":true,"strip_right":true}""", .. Charsmap(build), """{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}""",
    ]);

    /// <summary>Metaspace before every word.</summary>
    public static string MetaspaceSection(TokenizerBuild build) => MetaspaceSection(PrependScheme(build), split: true);

    /// <summary>Metaspace.</summary>
    public static string MetaspaceSection(string prependScheme, bool split) => $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{prependScheme}}","split":{{TokenizerBuild.Json(split)}}}""";

    /// <summary>Where Metaspace puts a mark that is no space of the text.</summary>
    public static string PrependScheme(TokenizerBuild build) => !build.Flag("add_prefix_space", true) ? "never" : build.Flag("legacy", true) ? "always" : "first";

    /// <summary>Steps one after the other.</summary>
    public static string NormalizerSteps(IReadOnlyList<string> normalizers) => $$"""{"type":"Sequence","normalizers":[{{string.Join(',', normalizers)}}]}""";

    private static string[] Charsmap(TokenizerBuild build) => build.Vocabulary.SentencePiece is { Charsmap.Length: > 0 } pieces
        ? [$$"""{"type":"Precompiled","precompiled_charsmap":"{{Convert.ToBase64String(pieces.Charsmap)}}"}"""] : [];
}
