using System.Globalization;
using System.Text.Json;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What a folder says of its tokenizer beside the vocabulary: tokenizer_config.json, special_tokens_map.json, added_tokens.json and the model type of config.json.</summary>
internal sealed class TokenizerSettings
{
    /// <summary>The roles that a special token can have, in the order in which missing ones are added.</summary>
    public static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly JsonPart? _config, _map;
    private readonly List<(int Id, string Content)> _addedIds;

    /// <summary>Reads the files, those that are there.</summary>
    public TokenizerSettings(ModelFolder folder, Func<string, string> path)
    {
        JsonPart? Part(string file) => folder.ReadOptional(path(file), TextModelJson.Default.JsonDocument) is { } document ? new JsonPart($"{folder.Name}/{path(file)}", "", document.RootElement) : null;
        _config = Part("tokenizer_config.json");
        _map = Part("special_tokens_map.json");
        _addedIds = Part("added_tokens.json") is { } added ? [.. added.IntegersByName().Select(token => (token.Value, token.Key)).Order()] : [];
        Class = _config?.Optional("tokenizer_class")?.Text();
        ModelType = Part("config.json")?.Optional("model_type")?.Text();
    }

    /// <summary><c>tokenizer_class</c>, or null.</summary>
    public string? Class { get; }

    /// <summary><c>model_type</c> of config.json, or null.</summary>
    public string? ModelType { get; }

    /// <summary>A switch of the configuration; null where it is missing or null.</summary>
    public bool? Flag(string name) => _config?.Optional(name)?.Boolean();

    /// <summary>A number of the configuration; null where it is missing or null.</summary>
    public int? Number(string name) => _config?.Optional(name)?.Integer();

    /// <summary>The special token of a role, or null where neither file names one. The map speaks where the configuration is silent.</summary>
    /// <param name="role">E.g. <c>cls_token</c>.</param>
    /// <param name="isNamed">Whether a file says anything, be it that there is none.</param>
    public AddedToken? Special(string role, out bool isNamed)
    {
        isNamed = true;
        foreach (JsonPart? file in (JsonPart?[])[_config, _map])
        {
            if (file is { } part && part.Has(role))
                return part.Optional(role) is { } token ? SpecialToken(token) : null;
        }

        isNamed = false;
        return null;
    }

    /// <summary>The added tokens in order of their ids: <c>added_tokens_decoder</c>, else added_tokens.json.</summary>
    /// <param name="special">The tokens that have a role.</param>
    public IEnumerable<(int Id, AddedToken Token)> Added(IReadOnlyCollection<string> special)
    {
        if (_config?.Optional("added_tokens_decoder") is not { } decoder)
            return _addedIds.Select(token => (token.Id, Plain(token.Content, special.Contains(token.Content))));
        return decoder.Properties().Select(token => (
            Id: int.TryParse(token.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : throw token.Value.Invalid("is not named by an id"),
            Token: Flagged(token.Value, token.Value.Optional("special")?.Boolean() ?? false))).OrderBy(token => token.Id);
    }

    /// <summary><c>additional_special_tokens</c>, also named <c>extra_special_tokens</c>.</summary>
    public IEnumerable<AddedToken> Additional()
    {
        foreach (string name in (string[])["additional_special_tokens", "extra_special_tokens"])
        {
            foreach (JsonPart? file in (JsonPart?[])[_config, _map])
            {
                foreach (JsonPart token in file?.Optional(name)?.ItemsOrValues() ?? [])
                    yield return SpecialToken(token);
            }
        }
    }

    /// <summary>A token without further flags.</summary>
    public static AddedToken Plain(string content, bool isSpecial) => new(content, SingleWord: false, LeftStrip: false, RightStrip: false, Normalized: !isSpecial, Special: isSpecial);

    private static AddedToken SpecialToken(JsonPart token) => token.IsObject ? Flagged(token, isSpecial: true) : Plain(token.Text(), isSpecial: true);

    private static AddedToken Flagged(JsonPart token, bool isSpecial)
    {
        bool Flag(string name, bool fallback) => token.Optional(name)?.Boolean() ?? fallback;
        return new AddedToken(token.Required("content").Text(), Flag("single_word", false), Flag("lstrip", false), Flag("rstrip", false), Flag("normalized", !isSpecial), isSpecial);
    }
}
