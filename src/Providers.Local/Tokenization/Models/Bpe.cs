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
    private readonly BpeJoints? _joints;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="merges">The merges, by rank.</param>
    /// <param name="settings">All else.</param>
    public Bpe(Vocabulary vocabulary, IReadOnlyList<BpeMerge> merges, BpeSettings settings)
    {
        Vocabulary = vocabulary;
        _settings = settings;

        // Symbols only grow, so two pairs at one place with one result are one pair, unless tokens share ids or prefixes are cut off.
        _merges = new BpeMerges(merges, isResultTelling: settings.Prefix.Length == 0 && vocabulary.HasDistinctIds);
        (string prefix, string suffix) = (settings.Prefix, settings.Suffix);
        _first = new CharacterIds(vocabulary, "", "");
        _middle = prefix.Length == 0 ? _first : new CharacterIds(vocabulary, prefix, "");
        _only = suffix.Length == 0 ? _first : new CharacterIds(vocabulary, "", suffix);
        _last = prefix.Length == 0 ? _only : suffix.Length == 0 ? _middle : new CharacterIds(vocabulary, prefix, suffix);
        _bytes = settings.ByteFallback ? new ByteTokens(vocabulary) : null;
        _unknownId = settings.UnknownToken is null ? -1 : vocabulary.Find(settings.UnknownToken);

        _joints = _merges.IsResultTelling && suffix.Length == 0 && !settings.IgnoreMerges ? new BpeJoints(merges, vocabulary) : null;
        OverBytes = BpeOverBytes.Create(vocabulary, _merges, _joints, settings, (_only, _first, _middle, _last));
    }

    public override Vocabulary Vocabulary { get; }

    public override TokenModel? OverBytes { get; }

    public override int? UnknownId => Known(_unknownId);

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
        word.Merge(_merges);
        word.AddTo(tokens, piece, start, Vocabulary);
    }

    /// <summary>Cuts between two characters of the vocabulary that no merge joins.</summary>
    public override int NextCut(ReadOnlySpan<char> text, int start, int end)
    {
        if (_joints is null)
            return end;
        int codePoint = CodePoints.At(text, start, out int length);
        bool isKnown = _first[codePoint] >= 0;
        for (int i = start + length; i < end; i += length)
        {
            int next = CodePoints.At(text, i, out length);
            bool isNextKnown = _first[next] >= 0;
            if (isKnown && isNextKnown && !_joints.MayJoin(codePoint, next))
                return i;
            (codePoint, isKnown) = (next, isNextKnown);
        }

        return end;
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
}
