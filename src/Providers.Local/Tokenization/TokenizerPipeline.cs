namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The steps up to the model: finds added tokens, normalizes what is between them, cuts it, and makes tokens of the pieces.</summary>
/// <remarks>Immutable and safe for concurrent use; all state is in the workspace.</remarks>
internal sealed class TokenizerPipeline
{
    private readonly AddedVocabulary _added;
    private readonly Normalizer? _normalizer;
    private readonly PreTokenizer? _preTokenizer;
    private readonly TokenModel _model;
    private readonly bool _needsSources;

    /// <summary>Puts the steps together. A model that reads bytes gets them as they are where the pre-tokenizer would write them as characters.</summary>
    public TokenizerPipeline(AddedVocabulary added, Normalizer? normalizer, PreTokenizer? preTokenizer, TokenModel model)
    {
        _added = added;
        _normalizer = normalizer;
        (_preTokenizer, _model) = preTokenizer?.WithoutByteCharacters is { } cuts && model.OverBytes is { } overBytes ? (cuts, overBytes) : (preTokenizer, model);
        _needsSources = preTokenizer?.NeedsSources ?? false;
    }

    /// <summary>Makes the tokens of a text, without special ones.</summary>
    /// <param name="input">The text. An unpaired surrogate counts as U+FFFD.</param>
    /// <param name="workspace">Receives the tokens.</param>
    /// <param name="tracks">Whether to keep where they came from.</param>
    public void Run(ReadOnlySpan<char> input, TokenizerWorkspace workspace, bool tracks)
    {
        input = workspace.WellFormed(input);
        workspace.Tokens.Reset(tracks);
        int word = 0, consumed = 0, position = 0;
        if (!_added.Raw.IsEmpty)
        {
            while (_added.Raw.TryFind(input, ref position, consumed, out AddedTokenMatch match))
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
        ReadOnlySpan<char> chars = text.Chars;
        foreach ((int pieceStart, int pieceEnd) in workspace.Pieces.Current)
        {
            int from = tokens.Count;
            _model.Tokenize(chars, pieceStart, pieceEnd, tokens);
            if (tokens.Tracks)
                tokens.Locate(from, text, word);
            word++;
        }
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
