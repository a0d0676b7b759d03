using System.Text.Json;
using System.Text.Unicode;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What a tokenizer.json says.</summary>
internal sealed record TokenizerJson(
    Normalizer? Normalizer, PreTokenizer? PreTokenizer, TokenModel Model, PostProcessor PostProcessor, Decoder? Decoder,
    IReadOnlyList<AddedToken> AddedTokens, Truncation? Truncation, Padding? Padding)
{
    /// <summary>The normalizers that are known.</summary>
    public static readonly PartTable<Normalizer> Normalizers = new("normalizer", "Normalizers",
        new("BertNormalizer", BertNormalizer.Read, "clean_text", "handle_chinese_chars", "lowercase"),
        new("ByteLevel", _ => new ByteLevelNormalizer()),
        new("Lowercase", _ => new Lowercase()),
        new("NFC", _ => UnicodeForm.Nfc),
        new("NFD", _ => UnicodeForm.Nfd),
        new("NFKC", _ => UnicodeForm.Nfkc),
        new("NFKD", _ => UnicodeForm.Nfkd),
        new("Nmt", _ => new Nmt()),
        new("Precompiled", Precompiled.Read, "precompiled_charsmap"),
        new("Prepend", Prepend.Read, "prepend"),
        new("Replace", Replace.Read, "pattern", "content"),
        new("Sequence", NormalizerSequence.Read, "normalizers"),
        new("Strip", Strip.Read, "strip_left", "strip_right"),
        new("StripAccents", _ => new StripAccents()));

    /// <summary>The pre-tokenizers that are known.</summary>
    public static readonly PartTable<PreTokenizer> PreTokenizers = new("pre-tokenizer", "PreTokenizers",
        new("BertPreTokenizer", _ => new BertPreTokenizer()),
        new("ByteLevel", ByteLevel.Read),
        new("CharDelimiterSplit", Split.ReadCharDelimiterSplit),
        new("Digits", CharacterSplit.ReadDigits),
        new("FixedLength", FixedLength.Read),
        new("Metaspace", Metaspace.Read),
        new("Punctuation", CharacterSplit.ReadPunctuation),
        new("Sequence", PreTokenizerSequence.Read),
        new("Split", Split.Read),
        new("UnicodeScripts", _ => new UnicodeScripts()),
        new("Whitespace", _ => new Whitespace()),
        new("WhitespaceSplit", _ => CharacterSplit.AtWhitespace));

    /// <summary>The models that are known.</summary>
    public static readonly PartTable<TokenModel> Models = new("model", "Models",
        new("BPE", BpeReader.Read, "vocab", "merges"),
        new("WordPiece", WordPiece.Read, "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"),
        new("WordLevel", WordLevel.Read, "vocab", "unk_token"),
        new("Unigram", Unigram.Read, "vocab"));

    /// <summary>The post-processors that are known.</summary>
    public static readonly PartTable<PostProcessor> PostProcessors = new("post-processor", "PostProcessors",
        new("BertProcessing", BertProcessing.Read),
        new("ByteLevel", ByteLevelProcessing.Read),
        new("RobertaProcessing", RobertaProcessing.Read),
        new("Sequence", PostProcessorSequence.Read),
        new("TemplateProcessing", TemplateProcessing.Read));

    /// <summary>The decoders that are known.</summary>
    public static readonly PartTable<Decoder> Decoders = new("decoder", "Decoders",
        new("BPEDecoder", BpeDecoder.Read),
        new("ByteFallback", _ => new ByteFallbackDecoder()),
        new("ByteLevel", _ => new ByteLevelDecoder()),
        new("CTC", CtcDecoder.Read),
        new("Fuse", _ => new FuseDecoder()),
        new("Metaspace", MetaspaceDecoder.Read),
        new("Replace", ReplaceDecoder.Read),
        new("Sequence", DecoderSequence.Read),
        new("Strip", StripDecoder.Read),
        new("WordPiece", WordPieceDecoder.Read));

    // The reference's limit; a file nested deeper is refused before it costs anything.
    private const int DeepestNesting = 128;

    private static readonly string[] Sections = ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

    /// <summary>Reads a file.</summary>
    /// <param name="utf8Json">Its content.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <exception cref="InvalidDataException">It is damaged; the message names the field.</exception>
    /// <exception cref="NotSupportedException">A section has a type that is not known; the message lists those that are.</exception>
    public static TokenizerJson Read(ReadOnlySpan<byte> utf8Json, string source)
    {
        if (!Utf8.IsValid(utf8Json))
            throw new InvalidDataException($"{source} is not UTF-8. Save it as UTF-8 without byte order mark.");
        try
        {
            var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = DeepestNesting });
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            reader.Read(); // Throws when anything but white space follows.
            return Read(new JsonPart(source, "", document.RootElement));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"{source} cannot be read as JSON, nested up to {DeepestNesting} deep, from line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} on. " +
                "Download or export it again.", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"{source} holds text that is not Unicode: {exception.Message} Export the tokenizer again.", exception);
        }
    }

    private static TokenizerJson Read(JsonPart file)
    {
        foreach ((string name, _) in file.Properties())
        {
            if (!Sections.Contains(name))
                throw new InvalidDataException($"{file.Source}: '{JsonPart.Shortened(name)}' is not a section of a tokenizer.json; known: {string.Join(", ", Sections)}. Remove it.");
        }

        if (file.Has("version") && file.Required("version") is var version && version.Text() != "1.0")
            throw version.Invalid("is not version \"1.0\"");
        return new TokenizerJson(
            file.Optional("normalizer") is { } normalizer ? Normalizers.Read(normalizer) : null,
            file.Optional("pre_tokenizer") is { } preTokenizer ? PreTokenizers.Read(preTokenizer) : null,
            Models.Read(file.Required("model")),
            file.Optional("post_processor") is { } postProcessor ? PostProcessors.Read(postProcessor) : PostProcessor.None,
            file.Optional("decoder") is { } decoder ? Decoders.Read(decoder) : null,
            file.Has("added_tokens") ? [.. file.Required("added_tokens").Items().Select(AddedToken.Read)] : [],
            file.Optional("truncation") is { } truncation ? Truncation.Read(truncation) : null,
            file.Optional("padding") is { } padding ? Padding.Read(padding) : null);
    }
}
