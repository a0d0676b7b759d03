using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>What the files of a transformer say about it: the tokenizer, how long a text may be and how texts are padded.</summary>
internal sealed class TransformerFolder
{
    private readonly ModelFolder _folder;
    private readonly FolderModule _module;

    public TransformerFolder(ModelFolder folder, FolderModule module)
    {
        _folder = folder;
        _module = module;
        SentenceBertConfig sentenceBert = folder.ReadOptional(module.File("sentence_bert_config.json"), TextModelJson.Default.SentenceBertConfig) ?? new(null, null);
        TokenizerConfig tokenizer = folder.ReadOptional(module.File("tokenizer_config.json"), TextModelJson.Default.TokenizerConfig) ?? new(null, null, null, null);
        TransformerConfig transformer = folder.ReadOptional(module.File("config.json"), TextModelJson.Default.TransformerConfig) ?? new((int?)null);

        Tokenizer = TokenizerFolder.Read(folder, module.Path);
        if (sentenceBert.DoLowerCase == true)
            Tokenizer = Tokenizer.WithLowercase();
        MaxTokens = MaxLength(sentenceBert, tokenizer, transformer);
        PadsLeft = IsLeft("padding_side", tokenizer.PaddingSide);
        if (IsLeft("truncation_side", tokenizer.TruncationSide))
            throw new NotSupportedException($"{folder.Name}/{module.File("tokenizer_config.json")}: truncation_side is 'left'; supported: right. Cut long texts before embedding them and set it to right.");
        PadId = PaddingId(tokenizer.PadToken);
    }

    /// <summary>The model folder's name.</summary>
    public string Name => _folder.Name;

    public Tokenizer Tokenizer { get; }

    /// <summary>Where a text is cut, special tokens included.</summary>
    public int MaxTokens { get; }

    public bool PadsLeft { get; }

    public int PadId { get; }

    private InvalidDataException Field(string file, string message) => new($"{_folder.Name}/{_module.File(file)}: {message}");

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
}
