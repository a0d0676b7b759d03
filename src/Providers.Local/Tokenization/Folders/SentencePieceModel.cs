namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A SentencePiece model file: pieces with scores, and how they were made.</summary>
/// <remarks>Field numbers: google/sentencepiece, sentencepiece_model.proto.</remarks>
internal sealed record SentencePieceModel
{
    private const int Pieces = 1, TrainerSpec = 2, NormalizerSpec = 3;

    /// <summary>The pieces in order of their ids.</summary>
    public required IReadOnlyList<SentencePiece> Vocabulary { get; init; }

    /// <summary>Whether it is BPE; else Unigram.</summary>
    public required bool IsBpe { get; init; }

    /// <summary>Id of the unknown piece.</summary>
    public required int UnknownId { get; init; }

    /// <summary>The unknown piece.</summary>
    public required string UnknownPiece { get; init; }

    /// <summary>Whether characters without a piece become their bytes.</summary>
    public required bool ByteFallback { get; init; }

    /// <summary>The compiled rules that the text is normalized by; empty when there are none.</summary>
    public required byte[] Charsmap { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It is a model of whole words or characters.</exception>
    public static SentencePieceModel Read(string file)
    {
        string name = Path.GetFileName(file);
        var pieces = new List<SentencePiece>();
        (int type, int unknownId, string unknown, bool byteFallback) = (1, 0, "<unk>", false);
        byte[] charsmap = [];
        var model = new ProtobufReader(File.ReadAllBytes(file), name);
        while (model.Next())
        {
            switch (model.Field)
            {
                case Pieces:
                    pieces.Add(ReadPiece(model.Content(), name));
                    break;
                case TrainerSpec:
                    var trainer = new ProtobufReader(model.Content(), name);
                    while (trainer.Next())
                    {
                        (type, unknownId, unknown, byteFallback) = trainer.Field switch
                        {
                            3 => (trainer.Integer(), unknownId, unknown, byteFallback),
                            35 => (type, unknownId, unknown, trainer.Boolean()),
                            40 => (type, trainer.Integer(), unknown, byteFallback),
                            45 => (type, unknownId, trainer.Text(), byteFallback),
                            _ => (type, unknownId, unknown, byteFallback),
                        };
                    }

                    break;
                case NormalizerSpec:
                    var normalizer = new ProtobufReader(model.Content(), name);
                    while (normalizer.Next())
                        charsmap = normalizer.Field == 2 ? normalizer.Content().ToArray() : charsmap;
                    break;
                default:
                    break;
            }
        }

        if (pieces.Count == 0)
            throw new InvalidDataException($"{name} is no SentencePiece model: it has no pieces. Fetch the file again.");
        if (type is not (1 or 2))
            throw new NotSupportedException($"{name}: trainer_spec.model_type is {type}; supported: 1 (Unigram), 2 (BPE). Choose a model of one of these.");
        return new SentencePieceModel
        {
            Vocabulary = pieces,
            IsBpe = type == 2,
            UnknownId = unknownId,
            UnknownPiece = unknown,
            ByteFallback = byteFallback,
            Charsmap = charsmap,
        };
    }

    /// <summary>The vocabulary and, of a BPE model, its merges: every way to put a piece together of two others, by the piece's score.</summary>
    /// <param name="source">The file's name.</param>
    public RawVocabulary ToVocabulary(string source)
    {
        RawToken[] tokens = [.. Vocabulary.Select((piece, id) => new RawToken(piece.Text, id, piece.Score))];
        return new RawVocabulary(source, tokens, IsBpe ? Merges() : []) { SentencePiece = this };
    }

    private List<(string Left, string Right)> Merges()
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < Vocabulary.Count; id++)
            ids[Vocabulary[id].Text] = id;
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(string Token, int Cut, float Score, int Left, int Right)>();
        foreach (SentencePiece piece in Vocabulary)
        {
            int from = merges.Count;
            for (int cut = 1; cut < piece.Text.Length; cut++)
            {
                if (!char.IsLowSurrogate(piece.Text[cut]) && bySpan.TryGetValue(piece.Text.AsSpan(0, cut), out int left) && bySpan.TryGetValue(piece.Text.AsSpan(cut), out int right))
                    merges.Add((piece.Text, cut, piece.Score, left, right));
            }

            merges.Sort(from, merges.Count - from, Comparer<(string, int, float, int Left, int Right)>.Create((one, other) => (one.Left, one.Right).CompareTo((other.Left, other.Right))));
        }

        // Stable, as the converter sorts: by score, then by the longer left part, then by the longer right part.
        return [.. merges
            .OrderByDescending(merge => merge.Score)
            .ThenByDescending(merge => CodePoints.Count(merge.Token.AsSpan(0, merge.Cut)))
            .ThenByDescending(merge => CodePoints.Count(merge.Token.AsSpan(merge.Cut)))
            .Select(merge => (merge.Token[..merge.Cut], merge.Token[merge.Cut..]))];
    }

    private static SentencePiece ReadPiece(ReadOnlySpan<byte> message, string name)
    {
        (string text, float score, int kind) = ("", 0, SentencePiece.Normal);
        var piece = new ProtobufReader(message, name);
        while (piece.Next())
        {
            (text, score, kind) = piece.Field switch
            {
                1 => (piece.Text(), score, kind),
                2 => (text, piece.Float(), kind),
                3 => (text, score, piece.Integer()),
                _ => (text, score, kind),
            };
        }

        return new SentencePiece(text, score, kind);
    }
}

/// <summary>A piece of a SentencePiece model.</summary>
/// <param name="Text">Its characters.</param>
/// <param name="Score">Its score.</param>
/// <param name="Kind">Its kind as the file numbers them.</param>
internal readonly record struct SentencePiece(string Text, float Score, int Kind)
{
    /// <summary>A piece of text.</summary>
    public const int Normal = 1;

    /// <summary>A special token.</summary>
    public const int Control = 3;

    /// <summary>A piece that is looked for in the raw text.</summary>
    public const int UserDefined = 4;
}
