using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Byte-pair encoding: a piece starts as its characters, and neighbours are joined, the earliest merge of the list first, until no merge
/// fits. Byte-level vocabularies work alike: their pre-tokenizer writes each byte as a character.
/// </summary>
/// <remarks>Reference: HuggingFace tokenizers 0.23.3, <c>models/bpe</c>.</remarks>
internal sealed class Bpe : TokenModel
{
    private readonly BpeSettings _settings;
    private readonly BpeMerges _merges;
    private readonly CharacterIds _only, _first, _middle, _last;
    private readonly ByteTokens? _bytes;
    private readonly int _unknownId;
    private readonly bool _isResultTelling;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="merges">The merges, by rank.</param>
    /// <param name="settings">All else.</param>
    public Bpe(Vocabulary vocabulary, IReadOnlyList<BpeMerge> merges, BpeSettings settings)
    {
        Vocabulary = vocabulary;
        _settings = settings;
        _merges = new BpeMerges(merges);
        (string prefix, string suffix) = (settings.Prefix, settings.Suffix);
        _first = new CharacterIds(vocabulary, "", "");
        _middle = prefix.Length == 0 ? _first : new CharacterIds(vocabulary, prefix, "");
        _only = suffix.Length == 0 ? _first : new CharacterIds(vocabulary, "", suffix);
        _last = prefix.Length == 0 ? _only : suffix.Length == 0 ? _middle : new CharacterIds(vocabulary, prefix, suffix);
        _bytes = settings.ByteFallback ? new ByteTokens(vocabulary) : null;
        _unknownId = settings.UnknownToken is null ? -1 : vocabulary.Find(settings.UnknownToken);

        // Symbols only grow, so two pairs at one place with one result are one pair, unless tokens share ids or prefixes are cut off.
        _isResultTelling = prefix.Length == 0 && vocabulary.HasDistinctIds;
    }

    public override Vocabulary Vocabulary { get; }

    public override void Tokenize(ReadOnlySpan<char> text, int start, int end, TokenizerWorkspace workspace)
    {
        ReadOnlySpan<char> piece = text[start..end];
        TokenList tokens = workspace.Tokens;
        if (_settings.IgnoreMerges && Vocabulary.Find(piece) is var whole and >= 0)
        {
            tokens.Add(whole, start, end, tokens.Tracks ? piece.ToString() : null);
            return;
        }

        BpeWord word = workspace.Word;
        word.Clear();
        AddCharacters(piece, word, workspace.Scratch);
        word.Merge(_merges, _isResultTelling);
        if (tokens.Tracks)
            AddWithPlaces(piece, start, word, tokens);
        else
            tokens.Add(word.Ids);
    }

    private void AddCharacters(ReadOnlySpan<char> piece, BpeWord word, ScratchList bytes)
    {
        // An unknown token waits for the next known one; the byte tokens of a character between come out before it, as in the reference.
        int waiting = 0;
        for (int i = 0; i < piece.Length;)
        {
            int codePoint = CodePoints.At(piece, i, out int length), next = i + length;
            CharacterIds ids = i == 0 ? (next == piece.Length ? _only : _first) : (next == piece.Length ? _last : _middle);
            int id = ids[codePoint], utf8Length = new Rune(codePoint).Utf8SequenceLength;
            if (id >= 0)
            {
                if (waiting > 0)
                    word.Add(_unknownId, waiting);
                waiting = 0;
                word.Add(id, utf8Length);
            }
            else if (TryFindBytes(piece[i..next], i == 0, next == piece.Length, bytes))
            {
                foreach (long value in bytes.Items)
                    word.Add((int)value, 1);
            }
            else if (_settings.UnknownToken is not null)
            {
                if (_unknownId < 0)
                    throw MissingUnknown(_settings.Source, _settings.UnknownToken, "a character");
                if (waiting > 0 && !_settings.FuseUnknown)
                {
                    word.Add(_unknownId, waiting);
                    waiting = 0;
                }

                waiting += utf8Length;
            }

            i = next;
        }

        if (waiting > 0)
            word.Add(_unknownId, waiting);
    }

    private bool TryFindBytes(ReadOnlySpan<char> character, bool isFirst, bool isLast, ScratchList bytes)
    {
        if (_bytes is null)
            return false;
        bytes.Truncate(0);
        return (isFirst || _bytes.TryFind(_settings.Prefix, bytes)) && _bytes.TryFind(character, bytes) && (!isLast || _bytes.TryFind(_settings.Suffix, bytes));
    }

    /// <summary>Adds the symbols with the characters that their bytes, one symbol's behind the other's, lie in.</summary>
    private void AddWithPlaces(ReadOnlySpan<char> piece, int start, BpeWord word, TokenList tokens)
    {
        var from = new Utf8Position(piece);
        Utf8Position to = from;
        int offset = 0;
        for (int i = 0; i < word.Count; i++)
        {
            from.MoveTo(offset);
            offset += word.Lengths[i];
            to.MoveTo(offset - 1);
            tokens.Add(word.Ids[i], start + from.CharacterStart, start + to.CharacterEnd, Vocabulary.TokenOf(word.Ids[i]));
        }
    }

    /// <summary>The character that a UTF-8 byte of a text is part of.</summary>
    private ref struct Utf8Position(ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _byteEnd;

        /// <summary>Where the character starts, in UTF-16 units.</summary>
        public int CharacterStart { get; private set; }

        /// <summary>Where it ends.</summary>
        public int CharacterEnd { get; private set; }

        /// <summary>Moves on to a byte; behind the end, to the last character.</summary>
        public void MoveTo(int offset)
        {
            while (_byteEnd <= offset && CharacterEnd < _text.Length)
            {
                CharacterStart = CharacterEnd;
                _byteEnd += new Rune(CodePoints.At(_text, CharacterStart, out int length)).Utf8SequenceLength;
                CharacterEnd += length;
            }
        }
    }
}

/// <summary>What a byte-pair encoding has beside tokens and merges.</summary>
/// <param name="UnknownToken">The token of a character that is in no token; null: it is left out.</param>
/// <param name="FuseUnknown">Whether neighbouring unknown characters are one token.</param>
/// <param name="ByteFallback">Whether an unknown character is written as the tokens of its bytes, where there are such.</param>
/// <param name="IgnoreMerges">Whether a piece that is a token stays whole, whatever the merges say.</param>
/// <param name="Prefix">What a token that continues a piece starts with; may be empty.</param>
/// <param name="Suffix">What a token that ends a piece ends with; may be empty.</param>
/// <param name="Source">Name of the file, for messages.</param>
internal sealed record BpeSettings(string? UnknownToken, bool FuseUnknown, bool ByteFallback, bool IgnoreMerges, string Prefix, string Suffix, string Source);
