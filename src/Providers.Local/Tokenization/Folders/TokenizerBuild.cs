using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Writes the tokenizer.json that a vocabulary, a family and a folder's settings stand for.</summary>
internal sealed class TokenizerBuild
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly TokenizerFamily _family;
    private readonly TokenizerSettings _settings;
    private readonly Dictionary<string, AddedToken?> _special = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<AddedToken> _added = [];

    /// <summary>Puts the parts together.</summary>
    /// <exception cref="InvalidDataException">They do not fit: an id is missing or taken.</exception>
    public TokenizerBuild(TokenizerFamily family, TokenizerSettings settings, RawVocabulary vocabulary)
    {
        (_family, _settings) = (family, settings);
        foreach (string role in TokenizerSettings.Roles)
            _special[role] = SpecialOf(role);
        Vocabulary = family.Arrange?.Invoke(vocabulary, this) ?? vocabulary;
        foreach (RawToken token in Vocabulary.Tokens)
            _ids[token.Text] = token.Id;
        AddTokens();
    }

    /// <summary>The vocabulary as the family arranges it.</summary>
    public RawVocabulary Vocabulary { get; }

    /// <summary>A switch of tokenizer_config.json.</summary>
    public bool Flag(string name, bool fallback) => _settings.Flag(name) ?? fallback;

    /// <summary>A switch of tokenizer_config.json as JSON, where null has a meaning of its own.</summary>
    public string OptionalFlag(string name) => _settings.Flag(name) is { } value ? Json(value) : "null";

    /// <summary>A number of tokenizer_config.json.</summary>
    public int Number(string name, int fallback) => _settings.Number(name) ?? fallback;

    /// <summary>The special token of a role, e.g. <c>cls</c>.</summary>
    /// <exception cref="InvalidDataException">The folder says that there is none.</exception>
    public string Special(string role) => _special[role + "_token"]?.Content ?? throw new InvalidDataException($"tokenizer_config.json: {role}_token is null, and the tokenizer needs it. Name the token.");

    /// <summary>The id of a token.</summary>
    /// <exception cref="InvalidDataException">There is no such token.</exception>
    public int IdOf(string token) => _ids.TryGetValue(token, out int id) ? id : throw new InvalidDataException($"{Vocabulary.Source} has no token '{JsonPart.Shortened(token)}', which the tokenizer needs. Fetch the folder again.");

    /// <summary>TemplateProcessing, written as text and special tokens each with its type id: <c>cls:0 A:0 sep:0</c>. A role stands for its token, other words for themselves.</summary>
    public string Template(string single, string pair)
    {
        var special = new SortedDictionary<string, int>(StringComparer.Ordinal);
        string Pieces(string template) => string.Join(',', template.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(piece =>
        {
            int colon = piece.LastIndexOf(':');
            (string word, string type) = (piece[..colon], piece[(colon + 1)..]);
            if (word is "A" or "B")
                return $$$"""{"Sequence":{"id":"{{{word}}}","type_id":{{{type}}}}}""";
            string token = _special.ContainsKey(word + "_token") ? Special(word) : word;
            special[token] = IdOf(token);
            return $$$"""{"SpecialToken":{"id":{{{Json(token)}}},"type_id":{{{type}}}}}""";
        }));
        (string one, string two) = (Pieces(single), Pieces(pair));
        string listed = string.Join(',', special.Select(token => $$"""{{Json(token.Key)}}:{"id":{{Json(token.Key)}},"ids":[{{token.Value}}],"tokens":[{{Json(token.Key)}}]}"""));
        return $$$"""{"type":"TemplateProcessing","single":[{{{one}}}],"pair":[{{{two}}}],"special_tokens":{{{{listed}}}}}""";
    }

    /// <summary>RobertaProcessing around two special tokens.</summary>
    public string Roberta(string start, string separator, bool trimOffsets, bool addPrefixSpace) =>
        $$"""{"type":"RobertaProcessing","sep":[{{Json(Special(separator))}},{{IdOf(Special(separator))}}],"cls":[{{Json(Special(start))}},{{IdOf(Special(start))}}],"trim_offsets":{{Json(trimOffsets)}},"add_prefix_space":{{Json(addPrefixSpace)}}}""";

    /// <summary>A text as JSON.</summary>
    public static string Json(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>A switch as JSON.</summary>
    public static string Json(bool value) => value ? "true" : "false";

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            WriteAddedTokens(writer);
            Section(writer, "normalizer", _family.Normalizer);
            Section(writer, "pre_tokenizer", _family.PreTokenizer);
            Section(writer, "post_processor", _family.PostProcessor);
            Section(writer, "decoder", _family.Decoder);
            WriteModel(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private AddedToken? SpecialOf(string role)
    {
        AddedToken? named = _settings.Special(role, out bool isNamed);
        AddedToken? token = isNamed ? named : _family.Special.TryGetValue(role, out string? content) ? TokenizerSettings.Plain(content, isSpecial: true) : null;
        return token is not null && role == "mask_token" && _family.MaskStripsLeft && !token.RightStrip ? token with { LeftStrip = true } : token;
    }

    // First what the folder lists, by id; then the family's own; then the tokens that have a role. Those without an id get the next one.
    private void AddTokens()
    {
        HashSet<string> roles = [.. _special.Values.Where(token => token is not null).Select(token => token!.Content)];
        var listed = _settings.Added(roles).ToList();
        foreach ((int id, AddedToken token) in listed)
        {
            if (_ids.TryGetValue(token.Content, out int known) && known != id)
                throw new InvalidDataException($"added token '{JsonPart.Shortened(token.Content)}' has id {id}, and in {Vocabulary.Source} id {known}. Fetch the folder again.");
            _ids[token.Content] = id;
            _added.Add(token);
        }

        AddedToken[] extra = listed.Count > 0 ? [] : [.. _family.Extra(Vocabulary).Select(token => TokenizerSettings.Plain(token, isSpecial: true))];
        foreach (AddedToken token in extra.Concat(_special.Values.Where(token => token is not null).Select(token => token!)).Concat(_settings.Additional()))
        {
            if (_added.Exists(added => added.Content == token.Content))
                continue;
            if (!_ids.ContainsKey(token.Content))
                _ids[token.Content] = _ids.Count == 0 ? 0 : _ids.Values.Max() + 1;
            _added.Add(token);
        }

        foreach (SentencePiece piece in Vocabulary.SentencePiece?.Vocabulary.Where(piece => piece.Kind is SentencePiece.Control or SentencePiece.UserDefined) ?? [])
        {
            if (_ids.ContainsKey(piece.Text) && !_added.Exists(added => added.Content == piece.Text))
                _added.Add(TokenizerSettings.Plain(piece.Text, piece.Kind == SentencePiece.Control) with { Normalized = false });
        }

        _added.Sort((one, other) => _ids[one.Content].CompareTo(_ids[other.Content]));
    }

    private void WriteAddedTokens(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("added_tokens");
        foreach (AddedToken token in _added)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", _ids[token.Content]);
            writer.WriteString("content", token.Content);
            writer.WriteBoolean("single_word", token.SingleWord);
            writer.WriteBoolean("lstrip", token.LeftStrip);
            writer.WriteBoolean("rstrip", token.RightStrip);
            writer.WriteBoolean("normalized", token.Normalized);
            writer.WriteBoolean("special", token.Special);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteModel(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("model");
        using (JsonDocument head = JsonDocument.Parse(_family.Model(this)))
        {
            foreach (JsonProperty property in head.RootElement.EnumerateObject())
                property.WriteTo(writer);
        }

        if (Vocabulary.SentencePiece is { IsBpe: false })
        {
            writer.WriteStartArray("vocab");
            foreach (RawToken token in Vocabulary.Tokens)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(token.Text);
                writer.WriteNumberValue(token.Score);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }
        else
        {
            // Added tokens keep the ids that the folder gives them only inside the vocabulary: elsewhere the next free one would count.
            writer.WriteStartObject("vocab");
            foreach ((string token, int id) in _ids)
                writer.WriteNumber(token, id);
            writer.WriteEndObject();
        }

        if (Vocabulary.Merges.Count > 0)
        {
            writer.WriteStartArray("merges");
            foreach ((string left, string right) in Vocabulary.Merges)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(left);
                writer.WriteStringValue(right);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private void Section(Utf8JsonWriter writer, string name, Func<TokenizerBuild, string> content)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(content(this));
    }
}
