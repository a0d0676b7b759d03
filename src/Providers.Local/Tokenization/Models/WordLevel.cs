namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Every piece is one token; one that is not in the vocabulary is the unknown token.</summary>
/// <param name="vocabulary">Its tokens.</param>
/// <param name="unknownToken">The unknown token. Only a text that has an unknown piece needs it in the vocabulary.</param>
/// <param name="source">Name of the file, for messages.</param>
internal sealed class WordLevel(Vocabulary vocabulary, string unknownToken, string source) : TokenModel
{
    private readonly int _unknownId = vocabulary.Find(unknownToken);

    /// <summary>Reads it from tokenizer.json.</summary>
    public static WordLevel Read(JsonPart part) =>
        new(new Vocabulary(part.Required("vocab").IntegersByName()), part.Required("unk_token").Text(), part.Source);

    public override Vocabulary Vocabulary { get; } = vocabulary;

    public override int? UnknownId => Known(_unknownId);

    public override void Tokenize(ReadOnlySpan<char> text, int start, int end, TokenizerWorkspace workspace)
    {
        ReadOnlySpan<char> piece = text[start..end];
        TokenList tokens = workspace.Tokens;
        int id = Vocabulary.Find(piece);
        if (id >= 0)
            tokens.Add(id, start, end, tokens.Tracks ? piece.ToString() : null);
        else if (_unknownId >= 0)
            tokens.Add(_unknownId, start, end, unknownToken);
        else
            throw MissingUnknown(source, unknownToken, "a word");
    }
}
