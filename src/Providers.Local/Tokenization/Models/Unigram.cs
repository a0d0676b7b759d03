namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Each token has a score, the logarithm of how probable it is; a piece is cut into the tokens with the highest sum of scores.
/// Characters that are in no token cost more than any token; neighbouring ones are one unknown token.
/// </summary>
/// <remarks>Reference: HuggingFace tokenizers 0.23.3, <c>models/unigram</c>; sums are made in the same order, so that ties fall alike.</remarks>
internal sealed class Unigram : TokenModel
{
    private const double UnknownPenalty = 10;

    private readonly TokenTrie _trie = new();
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknownId;
    private readonly ByteTokens? _bytes;
    private readonly string _source;

    /// <summary>Creates the model.</summary>
    /// <param name="tokens">Its tokens, by id, and their scores. Of equal ones the last counts.</param>
    /// <param name="unknownId">Id of the unknown token, or −1: a text that needs it is an error.</param>
    /// <param name="byteFallback">Whether what is unknown is written as the tokens of its bytes, where there are such.</param>
    /// <param name="source">Name of the file, for messages.</param>
    public Unigram(IReadOnlyList<(string Token, double Score)> tokens, int unknownId, bool byteFallback, string source)
    {
        Vocabulary = new Vocabulary([.. tokens.Select(token => token.Token)]);
        _scores = [.. tokens.Select(token => token.Score)];
        _unknownScore = _scores.Append(double.PositiveInfinity).Min() - UnknownPenalty;
        _unknownId = unknownId;
        _bytes = byteFallback ? new ByteTokens(Vocabulary) : null;
        _source = source;
        for (int id = 0; id < tokens.Count; id++)
            _trie.Add(tokens[id].Token, id);
        _trie.Freeze();
    }

    /// <summary>Reads it from tokenizer.json.</summary>
    public static Unigram Read(JsonPart part)
    {
        var tokens = new List<(string, double)>();
        foreach (JsonPart item in part.Required("vocab").Items())
        {
            JsonPart[] two = [.. item.Items()];
            if (two.Length != 2)
                throw item.Invalid("is not a list of a token and its score");
            tokens.Add((two[0].Text(), two[1].Number()));
        }

        int unknownId = -1;
        if (part.Optional("unk_id") is { } unknown && (unknownId = unknown.Integer()) >= tokens.Count)
            throw unknown.Invalid($"is not below {tokens.Count}, the number of tokens in model.vocab");
        bool byteFallback = part.Has("byte_fallback") && part.Required("byte_fallback").Boolean();
        return new Unigram(tokens, unknownId, byteFallback, part.Source);
    }

    public override Vocabulary Vocabulary { get; }

    public override int? UnknownId => Known(_unknownId);

    public override void Tokenize(ReadOnlySpan<char> text, int start, int end, TokenizerWorkspace workspace)
    {
        ReadOnlySpan<char> piece = text[start..end];
        UnigramPath path = workspace.Path;
        path.Reset(piece.Length);
        FindBest(piece, path);
        path.Turn();
        TokenList tokens = workspace.Tokens;
        for (int from = 0; from < piece.Length;)
        {
            int to = path.Next(from), id = path.IdBefore(to);
            if (id == _unknownId)
            {
                while (to < piece.Length && path.IdBefore(path.Next(to)) == _unknownId)
                    to = path.Next(to);
                AddUnknown(piece[from..to], start + from, workspace);
            }
            else
            {
                tokens.Add(id, start + from, start + to, tokens.Tracks ? piece[from..to].ToString() : null);
            }

            from = to;
        }
    }

    private void FindBest(ReadOnlySpan<char> piece, UnigramPath path)
    {
        TokenTrie trie = _trie;
        double[] scores = _scores;
        for (int from = 0; from < piece.Length;)
        {
            double before = path.ScoreAt(from);
            int next = from + (char.IsHighSurrogate(piece[from]) ? 2 : 1), node = TokenTrie.Root;
            bool isCovered = false;
            for (int to = from; to < piece.Length;)
            {
                node = trie.Next(node, piece[to++], out int id);
                if (node < 0)
                    break;
                if (id < 0)
                    continue;
                path.Offer(from, to, id, before + scores[id]);
                isCovered |= to == next;
            }

            if (!isCovered && path.Offer(from, next, _unknownId, before + _unknownScore) && _unknownId < 0)
            {
                throw new InvalidDataException(
                    $"{_source}: model.unk_id is null, and the text has a character that is in no token. Export the tokenizer again with its unknown token.");
            }

            from = next;
        }
    }

    private void AddUnknown(ReadOnlySpan<char> unknown, int start, TokenizerWorkspace workspace)
    {
        TokenList tokens = workspace.Tokens;
        int end = start + unknown.Length, id = Vocabulary.Find(unknown);
        workspace.Scratch.Truncate(0);
        if (id < 0 && _bytes is not null && _bytes.TryFind(unknown, workspace.Scratch))
        {
            foreach (long value in workspace.Scratch.Items)
                tokens.Add((int)value, start, end, tokens.Tracks ? Vocabulary.TokenOf((int)value) : null);
            return;
        }

        tokens.Add(id < 0 ? _unknownId : id, start, end, tokens.Tracks ? unknown.ToString() : null);
    }
}
