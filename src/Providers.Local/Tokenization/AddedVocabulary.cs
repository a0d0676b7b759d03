namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The added tokens, their ids, and the searches for them.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class AddedVocabulary
{
    private readonly Vocabulary _vocabulary;
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly Dictionary<int, string> _decoded = [];
    private readonly HashSet<string> _special = [];

    /// <summary>Numbers the tokens: one of the model's vocabulary keeps that id, any other gets the next free one, whatever the file says.</summary>
    /// <param name="tokens">The tokens in the file's order.</param>
    /// <param name="vocabulary">The model's own.</param>
    /// <param name="normalizer">Normalizes the tokens that are looked for in normalized text.</param>
    public AddedVocabulary(IReadOnlyList<AddedToken> tokens, Vocabulary vocabulary, Normalizer? normalizer)
    {
        _vocabulary = vocabulary;
        var special = new List<AddedToken>();
        var others = new List<AddedToken>();
        foreach (AddedToken token in tokens)
        {
            if (token.Content.Length == 0)
                continue;
            if (token.Special && _special.Add(token.Content))
                special.Add(token);
        }

        int highest = -1;
        foreach (AddedToken token in tokens)
        {
            if (token.Content.Length == 0 || (_ids.TryGetValue(token.Content, out int known) && _tokens[known] == token))
                continue;
            int id = IdOf(token.Content) ?? Math.Max(highest + 1, vocabulary.Count);
            highest = Math.Max(highest, id);
            _ids[token.Content] = id;
            _tokens[id] = token;
            if (!_special.Contains(token.Content))
                others.Add(token);
        }

        var workspace = new NormalizedText();
        (string, AddedToken, int) Entry(AddedToken token)
        {
            int id = _ids[token.Content];
            workspace.Reset(token.Content, 0, tracks: false);
            if (token.Normalized)
                normalizer?.Apply(workspace);
            string pattern = workspace.Chars.ToString();
            if (token.Normalized)
                _decoded[id] = pattern;
            return (pattern, _tokens[id], id);
        }

        ILookup<bool, AddedToken> byKind = special.Concat(others).ToLookup(token => token.Normalized);
        Raw = new AddedTokenMatcher(byKind[false].Select(Entry));
        Normalized = new AddedTokenMatcher(byKind[true].Select(Entry));
        Count = vocabulary.Count + _ids.Keys.Count(content => vocabulary.Find(content) < 0);
    }

    /// <summary>Tokens of the model and added ones together.</summary>
    public int Count { get; }

    /// <summary>Finds the tokens that are looked for in the raw text.</summary>
    public AddedTokenMatcher Raw { get; }

    /// <summary>Finds the tokens that are looked for in the normalized text.</summary>
    public AddedTokenMatcher Normalized { get; }

    /// <summary>The id of a token, added or the model's, or null.</summary>
    public int? IdOf(string token)
    {
        if (_ids.TryGetValue(token, out int id))
            return id;
        id = _vocabulary.Find(token);
        return id < 0 ? null : id;
    }

    /// <summary>The token of an id, or null.</summary>
    public string? TokenOf(int id) => _tokens.TryGetValue(id, out AddedToken? token) ? token.Content : _vocabulary.TokenOf(id);

    /// <summary>The token of an id as decoding writes it: one that is looked for in normalized text is written normalized.</summary>
    public string? DecodedTokenOf(int id) => _decoded.TryGetValue(id, out string? token) ? token : TokenOf(id);

    /// <summary>Whether a token is left out when decoding without special tokens.</summary>
    public bool IsSpecial(string token) => _special.Contains(token);
}
