using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>What the files of a transformer say about it: the tokenizer, how long a text may be and how texts are padded.</summary>
internal sealed class TransformerFolder
{
    // Model types whose position numbers start behind the padding token's, so that a table of 514 serves 512 tokens.
    private static readonly HashSet<string> PositionsAfterPadding =
        ["roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod", "camembert", "mpnet", "data2vec-text", "longformer", "ibert", "esm", "clap_text_model"];

    private readonly ModelFolder _folder;
    private readonly FolderModule _module;

    public TransformerFolder(ModelFolder folder, FolderModule module, int? maxTokens)
    {
        _folder = folder;
        _module = module;
        SentenceBertConfig sentenceBert = folder.ReadOptional(module.File("sentence_bert_config.json"), TextModelJson.Default.SentenceBertConfig) ?? new(null, null);
        TokenizerConfig tokenizer = folder.ReadOptional(module.File("tokenizer_config.json"), TextModelJson.Default.TokenizerConfig) ?? new(null, null, null, null, null);
        Config = folder.ReadOptional(module.File("config.json"), TextModelJson.Default.TransformerConfig) ?? new();

        // open_clip's own: it pads with 0 to the context's length and cleans texts first, whatever the tokenizer's files say.
        OpenClipText? openClip = module.IsTower && TwoTowerFolder.OpenClip(folder, module.Path) is { } found ? found.ModelCfg?.TextCfg ?? new(null, null) : null;
        bool isOpenClip = openClip is { HfTokenizerName: null };
        Tokenizer = TokenizerFolder.Read(folder, module.Path);
        if (sentenceBert.DoLowerCase == true)
            Tokenizer = Tokenizer.WithLowercase();
        MaxTokens = MaxLength(maxTokens ?? sentenceBert.MaxSeqLength ?? openClip?.ContextLength ?? (isOpenClip ? TwoTowerFolder.OpenClipContext : null), tokenizer);
        PadsLeft = IsLeft("padding_side", tokenizer.PaddingSide ?? Config.PaddingSide ?? Tokenizer.Padding?.Direction.ToString().ToLowerInvariant());
        if (IsLeft("truncation_side", tokenizer.TruncationSide))
            throw new NotSupportedException($"{folder.Name}/{module.File("tokenizer_config.json")}: truncation_side is 'left'; supported: right. Cut long texts before embedding them and set it to right.");
        PadId = isOpenClip ? 0 : Content("pad_token", tokenizer.PadToken) is { } pad
            ? Tokenizer.TokenToId(pad) ?? throw Field("tokenizer_config.json", $"pad_token is '{pad}', which tokenizer.json does not have.")
            : Tokenizer.Padding?.Id ?? Config.Padding ?? 0;
        string suffix = Config.AddEos == true ? Content("eos_token", tokenizer.EosToken) ?? throw Field("tokenizer_config.json", "eos_token is missing, and config.json says add_eos.") : "";
        Rewrite = isOpenClip ? OpenClipCleaning.Clean : suffix.Length > 0 ? text => string.Concat(text, suffix) : null;
    }

    /// <summary>The model folder's name.</summary>
    public string Name => _folder.Name;

    /// <summary>The transformer's own settings.</summary>
    public TransformerConfig Config { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>Where a text is cut, special tokens included.</summary>
    public int MaxTokens { get; }

    public bool PadsLeft { get; }

    public int PadId { get; }

    /// <summary>What becomes of a text before it is tokenized; null for nothing.</summary>
    public TextRewriting? Rewrite { get; }

    /// <summary>Whether the prompt counts without special tokens, as NV-Embed's own code does.</summary>
    public bool MasksInstruction => Config.IsMaskInstruction == true;

    private InvalidDataException Field(string file, string message) => new($"{_folder.Name}/{_module.File(file)}: {message}");

    // What was chosen or sentence_bert_config.json wins; without both it is the smaller of what the tokenizer and the position table allow.
    private int MaxLength(int? chosen, TokenizerConfig tokenizer)
    {
        int? length = tokenizer.ModelMaxLength < int.MaxValue ? (int)tokenizer.ModelMaxLength : null;
        int limit = chosen ?? Smaller(length, Config.Positions) ?? throw Field(
            "sentence_bert_config.json", "max_seq_length is missing, and neither tokenizer_config.json (model_max_length) nor config.json (max_position_embeddings) says how long a text may be. Add one of them, or set MaxTokens.");
        if (limit < 1)
            throw Field("sentence_bert_config.json", $"max_seq_length is {limit}. It must be at least 1.");
        return Config is { Positions: { } positions, TextModelType: { } type } && PositionsAfterPadding.Contains(type) && positions > (Config.Padding ?? 1) + 1
            ? Math.Min(limit, positions - (Config.Padding ?? 1) - 1)
            : limit;
    }

    private static int? Smaller(int? left, int? right) => left is null ? right : right is null ? left : Math.Min(left.Value, right.Value);

    private bool IsLeft(string field, string? side) => side switch
    {
        null or "right" => false,
        "left" => true,
        _ => throw Field("tokenizer_config.json", $"{field} is '{side}'; known: right, left."),
    };

    // A token stands as text or as an object with its content.
    private string? Content(string field, JsonElement? token) => token switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } added when added.TryGetProperty("content", out JsonElement text) && text.ValueKind == JsonValueKind.String => text.GetString(),
        null or { ValueKind: JsonValueKind.Null } => null,
        _ => throw Field("tokenizer_config.json", $"{field} is {token.Value.ValueKind}. It must be text or an object with content."),
    };
}

/// <summary>Rewrites a text before it is tokenized.</summary>
/// <param name="text">The text, its prompt before it.</param>
internal delegate string TextRewriting(ReadOnlySpan<char> text);
