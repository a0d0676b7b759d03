using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>What a sentence-transformers folder says about itself, read once.</summary>
internal sealed class TextModelFolder
{
    private const string Transformer = "Transformer";

    public TextModelFolder(ModelFolder folder)
    {
        Folder = folder;
        ModuleEntry[] entries = folder.Read("modules.json", TextModelJson.Default.ModuleEntryArray);
        string[] types = [.. entries.Select((entry, index) => LastName(entry.Type ?? throw Field("modules.json", $"[{index}].type is missing. Name the module's class.")))];
        if (types is not [Transformer, nameof(Pooling), ..])
        {
            throw new NotSupportedException(
                $"{folder.Name}/modules.json: the modules are {string.Join(", ", types)}; supported: {Transformer}, {nameof(Pooling)}, then any of {string.Join(", ", SentenceModule.Known.Keys)}. Choose a model made of these.");
        }

        string root = entries[0].Path ?? "";
        SentenceBertConfig sentenceBert = folder.ReadOptional(In(root, "sentence_bert_config.json"), TextModelJson.Default.SentenceBertConfig) ?? new(null, null);
        TokenizerConfig tokenizer = folder.ReadOptional(In(root, "tokenizer_config.json"), TextModelJson.Default.TokenizerConfig) ?? new(null, null, null, null);
        TransformerConfig transformer = folder.ReadOptional(In(root, "config.json"), TextModelJson.Default.TransformerConfig) ?? new((int?)null);
        SentenceTransformersConfig sentence = folder.ReadOptional("config_sentence_transformers.json", TextModelJson.Default.SentenceTransformersConfig) ?? new(null, null, null, null);

        string tokenizerFile = In(root, "tokenizer.json");
        if (!folder.Has(tokenizerFile))
            throw folder.Missing(tokenizerFile);
        Tokenizer = Tokenizer.FromFile(folder.Use(tokenizerFile));
        if (sentenceBert.DoLowerCase == true)
            Tokenizer = Tokenizer.WithLowercase();
        MaxTokens = MaxLength(sentenceBert, tokenizer, transformer);
        PadLeft = IsLeft("padding_side", tokenizer.PaddingSide);
        if (IsLeft("truncation_side", tokenizer.TruncationSide))
            throw new NotSupportedException($"{folder.Name}/tokenizer_config.json: truncation_side is 'left'; supported: right. Cut long texts before embedding them and set it to right.");
        PadId = PaddingId(tokenizer.PadToken);

        Pooling = PoolingModule.Read(folder, entries[1].Path ?? "", $"1_{types[1]}");
        Modules = new SentenceModule[types.Length - 2];
        int dimensions = Pooling.Dimensions;
        for (int i = 0; i < Modules.Length; i++)
        {
            string type = types[i + 2];
            if (!SentenceModule.Known.TryGetValue(type, out SentenceModuleReader? read))
                throw new NotSupportedException($"{folder.Name}/modules.json: [{i + 2}].type is '{type}'; supported after the pooling: {string.Join(", ", SentenceModule.Known.Keys)}. Choose a model made of these.");
            Modules[i] = read(folder, entries[i + 2].Path ?? "", $"{i + 2}_{type}", dimensions);
            dimensions = Modules[i].Dimensions;
        }

        Prompts = sentence.Prompts?.ToDictionary(prompt => prompt.Key, prompt => prompt.Value ?? "", StringComparer.Ordinal) ?? [];
        DefaultPromptName = sentence.DefaultPromptName;
        if (DefaultPromptName is not null && !Prompts.ContainsKey(DefaultPromptName))
            throw Field("config_sentence_transformers.json", $"default_prompt_name is '{DefaultPromptName}', which prompts does not have (it has {Listed(Prompts.Keys)}).");
        Dimensions = sentence.TruncateDim is { } cut ? Math.Min(cut, dimensions) : dimensions;
        Metric = SimilarityOf(sentence.SimilarityFnName);
    }

    public ModelFolder Folder { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>Where a text is cut, special tokens included.</summary>
    public int MaxTokens { get; }

    public bool PadLeft { get; }

    public int PadId { get; }

    public PoolingModule Pooling { get; }

    /// <summary>The steps after the pooling.</summary>
    public SentenceModule[] Modules { get; }

    public IReadOnlyDictionary<string, string> Prompts { get; }

    public string? DefaultPromptName { get; }

    /// <summary>Length of the vectors, after the folder's own truncate_dim.</summary>
    public int Dimensions { get; }

    public SimilarityMetric Metric { get; }

    // sentence_transformers.models.Pooling and sentence_transformers.sentence_transformer.modules.pooling.Pooling are one.
    private static string LastName(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static string In(string path, string file) => path.Length == 0 ? file : $"{path}/{file}";

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";

    private InvalidDataException Field(string file, string message) => new($"{Folder.Name}/{file}: {message}");

    // sentence_bert_config.json wins; without it the smaller of what the tokenizer and the position table allow.
    private int MaxLength(SentenceBertConfig sentenceBert, TokenizerConfig tokenizer, TransformerConfig transformer)
    {
        int? smaller = (tokenizer.ModelMaxLength, transformer.MaxPositionEmbeddings) switch
        {
            ( < int.MaxValue and { } length, { } positions) => Math.Min((int)length, positions),
            ( < int.MaxValue and { } length, null) => (int)length,
            (_, { } positions) => positions,
            _ => null,
        };
        return (sentenceBert.MaxSeqLength ?? smaller) switch
        {
            { } tokens and > 0 => tokens,
            { } tokens => throw Field("sentence_bert_config.json", $"max_seq_length is {tokens}. It must be at least 1."),
            null => throw Field("sentence_bert_config.json", "max_seq_length is missing, and neither tokenizer_config.json (model_max_length) nor config.json (max_position_embeddings) says how long a text may be. Add one of them."),
        };
    }

    private bool IsLeft(string field, string? side) => side switch
    {
        null or "right" => false,
        "left" => true,
        _ => throw Field("tokenizer_config.json", $"{field} is '{side}'; known: right, left."),
    };

    private int PaddingId(JsonElement? token)
    {
        string? content = token switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Object } added when added.TryGetProperty("content", out JsonElement text) && text.ValueKind == JsonValueKind.String => text.GetString(),
            null or { ValueKind: JsonValueKind.Null } => null,
            _ => throw Field("tokenizer_config.json", $"pad_token is {token.Value.ValueKind}. It must be text or an object with content."),
        };
        if (content is null)
            return Tokenizer.Padding?.Id ?? 0;
        return Tokenizer.TokenToId(content) ?? throw Field("tokenizer_config.json", $"pad_token is '{content}', which tokenizer.json does not have.");
    }

    private SimilarityMetric SimilarityOf(string? name) => name switch
    {
        null or "cosine" => SimilarityMetric.Cosine,
        "dot" or "dot_product" => SimilarityMetric.DotProduct,
        "euclidean" => SimilarityMetric.Euclidean,
        _ => throw new NotSupportedException($"{Folder.Name}/config_sentence_transformers.json: similarity_fn_name is '{name}'; supported: cosine, dot, euclidean."),
    };
}
