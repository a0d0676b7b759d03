using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The steps up to the model: finds added tokens, normalizes what is between them, cuts it, and makes tokens of the pieces.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the workspace.</remarks>
internal sealed class TokenizerPipeline
{
    // A token of running text is about four characters, a tenth of this; most texts are shorter and are not looked at for a place to end.
    private const int CharactersPerToken = 40;
    private const int Growth = 4;

    private readonly AddedVocabulary _added;
    private readonly Normalizer? _normalizer;
    private readonly PreTokenizer? _preTokenizer;
    private readonly TokenModel _model;
    private readonly bool _canStopEarly, _needsSources;
    private readonly Lazy<WordCache> _words = new();

    /// <summary>Puts the steps together. A model that reads bytes gets the text itself where the pre-tokenizer would write its bytes as characters.</summary>
    public TokenizerPipeline(AddedVocabulary added, Normalizer? normalizer, PreTokenizer? preTokenizer, TokenModel model)
    {
        _added = added;
        _normalizer = normalizer;
        (_preTokenizer, _model) = preTokenizer?.WithoutByteCharacters is { } cuts && model.OverBytes is { } overBytes ? (cuts, overBytes) : (preTokenizer, model);
        _needsSources = preTokenizer?.NeedsSources ?? false;
        _canStopEarly = normalizer?.KeepsWordEnds != false && preTokenizer?.WordEnds == WordEnds.Cut && !added.Raw.HasSpaces && !added.Normalized.HasSpaces;
    }

    /// <summary>Makes the tokens of a text, without special ones.</summary>
    /// <param name="input">The text. An unpaired surrogate counts as U+FFFD.</param>
    /// <param name="workspace">Receives the tokens.</param>
    /// <param name="tracks">Whether to keep where they came from.</param>
    public void Run(ReadOnlySpan<char> input, TokenizerWorkspace workspace, bool tracks) => Run(input, workspace, tracks, int.MaxValue);

    /// <summary>Makes the first tokens of a text, and at least one more when there is one; a long text is not read to its end where the steps allow that.</summary>
    /// <param name="input">The text. An unpaired surrogate counts as U+FFFD.</param>
    /// <param name="workspace">Receives the tokens.</param>
    /// <param name="count">How many tokens are of use.</param>
    public void RunStart(ReadOnlySpan<char> input, TokenizerWorkspace workspace, int count)
    {
        int wanted = count == int.MaxValue ? count : count + 1;
        for (long length = (long)wanted * CharactersPerToken; _canStopEarly && length < input.Length; length *= Growth)
        {
            int end = EndOfWord(input, (int)length);
            if (end < 0)
                break;
            Run(input[..end], workspace, tracks: false, wanted);
            if (workspace.Tokens.IsFull)
                return;
        }

        Run(input, workspace, tracks: false, wanted);
    }

    private void Run(ReadOnlySpan<char> input, TokenizerWorkspace workspace, bool tracks, int wanted)
    {
        input = workspace.WellFormed(input);
        workspace.Tokens.Reset(tracks, wanted);
        int word = 0, consumed = 0, position = 0;
        if (!_added.Raw.IsEmpty)
        {
            while (_added.Raw.TryFind(input, ref position, consumed, out AddedTokenMatch match) && !workspace.Tokens.IsFull)
            {
                if (consumed < match.Start)
                    RunPart(input[consumed..match.Start], consumed, workspace, ref word);
                if (tracks)
                    workspace.Text.Reset(input[match.Start..match.End], match.Start, tracks);
                AddMatch(match with { Start = 0, End = match.End - match.Start }, workspace, ref word);
                consumed = match.End;
            }
        }

        RunPart(input[consumed..], consumed, workspace, ref word);
    }

    /// <summary>A part between added tokens of the raw text.</summary>
    private void RunPart(ReadOnlySpan<char> part, int origin, TokenizerWorkspace workspace, ref int word)
    {
        if (workspace.Tokens.IsFull)
            return;
        NormalizedText text = workspace.Text;
        text.Reset(part, origin, workspace.Tokens.Tracks || _needsSources);
        _normalizer?.Apply(text);
        ReadOnlySpan<char> chars = text.Chars;
        int consumed = 0, position = 0;
        if (!_added.Normalized.IsEmpty)
        {
            while (_added.Normalized.TryFind(chars, ref position, consumed, out AddedTokenMatch match))
            {
                RunPieces(consumed, Math.Max(consumed, match.Start), workspace, ref word);
                AddMatch(match, workspace, ref word);
                consumed = match.End;
            }
        }

        RunPieces(consumed, chars.Length, workspace, ref word);
    }

    /// <summary>A part between added tokens of the normalized text; the pre-tokenizer sees it alone.</summary>
    private void RunPieces(int start, int end, TokenizerWorkspace workspace, ref int word)
    {
        if (start == end)
            return;
        NormalizedText text = workspace.Text;
        if (end - start < text.Chars.Length)
        {
            text = workspace.Part;
            text.Reset(workspace.Text, start, end);
        }

        TokenList tokens = workspace.Tokens;
        workspace.Pieces.Reset(0, text.Chars.Length);
        _preTokenizer?.Apply(text, workspace.Pieces);
        if (!tokens.Tracks)
        {
            RunWords(text, workspace);
            return;
        }

        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int pieceStart, int pieceEnd) in workspace.Pieces.Current)
        {
            if (tokens.IsFull)
                return;
            int from = tokens.Count;
            _model.Tokenize(chars, pieceStart, pieceEnd, workspace);
            tokens.Locate(from, text, word);
            word++;
        }
    }

    /// <summary>All pieces, when only ids are wanted.</summary>
    private void RunWords(NormalizedText text, TokenizerWorkspace workspace)
    {
        WordCache words = _words.Value;
        ReadOnlySpan<char> readable = text.Readable;
        foreach ((int start, int end) in workspace.Pieces.Current)
        {
            if (workspace.Tokens.IsFull)
                return;
            if (_preTokenizer is not null && end - start <= WordCache.LongestPiece)
            {
                RunWord(readable, start, end, words, workspace);
                continue;
            }

            // Too long to be a word: words are inside.
            for (int from = start, to; from < end; from = to)
            {
                to = _model.NextCut(readable, from, end);
                RunWord(readable, from, to, words, workspace);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RunWord(ReadOnlySpan<char> readable, int start, int end, WordCache words, TokenizerWorkspace workspace)
    {
        int length = end - start;
        if (length > WordCache.LongestPiece || !words.TryAdd(readable, start, length, workspace.Tokens))
            RunUnknownWord(readable, start, end, words, workspace);
    }

    private void RunUnknownWord(ReadOnlySpan<char> readable, int start, int end, WordCache words, TokenizerWorkspace workspace)
    {
        TokenList tokens = workspace.Tokens;
        int from = tokens.Count;
        _model.Tokenize(readable, start, end, workspace);
        if (end - start <= WordCache.LongestPiece && tokens.Count - from <= WordCache.MostTokens)
            words.Keep(readable, start, end - start, tokens.Ids[from..]);
    }

    /// <summary>The first end of a word, a space between two letters A to Z, at a place or behind it; −1 when there is none.</summary>
    private static int EndOfWord(ReadOnlySpan<char> text, int from)
    {
        for (int place = from; place < text.Length - 1; place++)
        {
            int next = text[place..^1].IndexOf(' ');
            if (next < 0)
                break;
            place += next;
            if (place > 0 && char.IsAsciiLetter(text[place - 1]) && char.IsAsciiLetter(text[place + 1]))
                return place;
        }

        return -1;
    }

    private static void AddMatch(AddedTokenMatch match, TokenizerWorkspace workspace, ref int word)
    {
        TokenList tokens = workspace.Tokens;
        tokens.Add(match.Id, match.Start, match.End, tokens.Tracks ? workspace.Text.Chars[match.Start..match.End].ToString() : null);
        if (tokens.Tracks)
            tokens.Locate(tokens.Count - 1, workspace.Text, word);
        word++;
    }
}
