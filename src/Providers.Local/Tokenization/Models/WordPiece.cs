namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Takes the longest token a word starts with, then the longest continuation (<c>##ing</c>), and so on; a word with a part that is in
/// no token is one unknown token.
/// </summary>
internal sealed class WordPiece : TokenModel
{
    private readonly TokenTrie _starts = new(), _continuations;
    private readonly string _unknownToken, _prefix, _source;
    private readonly int _unknownId, _maxCharacters;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="unknownToken">The token of a word that cannot be put together. Only a text that has such a word needs it in the vocabulary.</param>
    /// <param name="prefix">What a token that continues a word starts with; may be empty.</param>
    /// <param name="maxCharacters">Code points of the longest word that is looked into; longer ones are unknown.</param>
    /// <param name="source">Name of the file, for messages.</param>
    public WordPiece(Vocabulary vocabulary, string unknownToken, string prefix, int maxCharacters, string source)
    {
        Vocabulary = vocabulary;
        _unknownToken = unknownToken;
        _prefix = prefix;
        _maxCharacters = maxCharacters;
        _source = source;
        _unknownId = vocabulary.Find(unknownToken);
        _continuations = prefix.Length == 0 ? _starts : new TokenTrie();
        foreach ((string token, int id) in vocabulary.Ids)
        {
            _starts.Add(token, id);
            if (prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal))
                _continuations.Add(token.AsSpan(prefix.Length), id);
        }

        _starts.Freeze();
        if (_continuations != _starts)
            _continuations.Freeze();
    }

    /// <summary>Reads it from tokenizer.json.</summary>
    public static WordPiece Read(JsonPart part)
    {
        string unknownToken = part.Required("unk_token").Text(), prefix = part.Required("continuing_subword_prefix").Text();
        int maxCharacters = part.Required("max_input_chars_per_word").Limit();
        return new WordPiece(new Vocabulary(part.Required("vocab").IntegersByName()), unknownToken, prefix, maxCharacters, part.Source);
    }

    public override Vocabulary Vocabulary { get; }

    public override int? UnknownId => Known(_unknownId);

    public override void Tokenize(ReadOnlySpan<char> text, int start, int end, TokenizerWorkspace workspace)
    {
        ReadOnlySpan<char> word = text[start..end];
        TokenList tokens = workspace.Tokens;
        if (word.Length > _maxCharacters && CodePoints.Count(word) > _maxCharacters)
        {
            AddUnknown(start, end, tokens);
            return;
        }

        int whole = Vocabulary.Find(word);
        if (whole >= 0)
        {
            tokens.Add(whole, start, end, tokens.Tracks ? word.ToString() : null);
            return;
        }

        int before = tokens.Count;
        for (int i = 0; i < word.Length;)
        {
            int length = (i == 0 ? _starts : _continuations).FindLongest(word[i..], out int id);
            if (length == 0)
            {
                tokens.Truncate(before);
                AddUnknown(start, end, tokens);
                return;
            }

            ReadOnlySpan<char> part = word.Slice(i, length);
            tokens.Add(id, start + i, start + i + length, tokens.Tracks ? string.Concat(i == 0 ? "" : _prefix, part) : null);
            i += length;
        }
    }

    private void AddUnknown(int start, int end, TokenList tokens)
    {
        if (_unknownId < 0)
            throw MissingUnknown(_source, _unknownToken, "a word");
        tokens.Add(_unknownId, start, end, _unknownToken);
    }
}
