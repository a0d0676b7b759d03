namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The steps up to the model: finds added tokens, normalizes what is between them, cuts it, and makes tokens of the pieces.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the workspace.</remarks>
internal sealed class TokenizerPipeline(AddedVocabulary added, Normalizer? normalizer, PreTokenizer? preTokenizer, TokenModel model)
{
    // A token of running text is about four characters, a tenth of this; most texts are shorter and are not looked at for a place to end.
    private const int CharactersPerToken = 40;
    private const int Growth = 4;

    private readonly bool _canStopEarly =
        normalizer?.KeepsWordEnds != false && preTokenizer?.WordEnds == WordEnds.Cut && !added.Raw.HasSpaces && !added.Normalized.HasSpaces;

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
        if (!added.Raw.IsEmpty)
        {
            while (added.Raw.TryFind(input, ref position, consumed, out AddedTokenMatch match) && !workspace.Tokens.IsFull)
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
        text.Reset(part, origin, workspace.Tokens.Tracks);
        normalizer?.Apply(text);
        ReadOnlySpan<char> chars = text.Chars;
        int consumed = 0, position = 0;
        if (!added.Normalized.IsEmpty)
        {
            while (added.Normalized.TryFind(chars, ref position, consumed, out AddedTokenMatch match))
            {
                RunPieces(consumed, Math.Max(consumed, match.Start), workspace, ref word);
                AddMatch(match, workspace, ref word);
                consumed = match.End;
            }
        }

        RunPieces(consumed, chars.Length, workspace, ref word);
    }

    /// <summary>A part between added tokens of the normalized text.</summary>
    private void RunPieces(int start, int end, TokenizerWorkspace workspace, ref int word)
    {
        ReadOnlySpan<char> chars = workspace.Text.Chars;
        TokenList tokens = workspace.Tokens;
        workspace.Pieces.Reset(start, end);
        preTokenizer?.Apply(chars, workspace.Pieces);
        foreach ((int pieceStart, int pieceEnd) in workspace.Pieces.Current)
        {
            if (tokens.IsFull)
                return;
            int from = tokens.Count;
            model.Tokenize(chars, pieceStart, pieceEnd, workspace);
            if (tokens.Tracks)
                tokens.Locate(from, workspace.Text, word);
            word++;
        }
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
