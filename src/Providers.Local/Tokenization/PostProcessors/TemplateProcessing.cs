namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Puts texts and special tokens together as a template of the file says.</summary>
internal sealed class TemplateProcessing(IReadOnlyList<TemplatePiece> single, IReadOnlyList<TemplatePiece> pair) : PostProcessor
{
    public override IReadOnlyList<TemplatePiece> Single { get; } = single;

    public override IReadOnlyList<TemplatePiece> Pair { get; } = pair;

    /// <summary>Reads it from tokenizer.json.</summary>
    public static TemplateProcessing Read(JsonPart part)
    {
        var special = new Dictionary<string, (int[] Ids, string[] Tokens)>();
        foreach ((string name, JsonPart token) in part.Required("special_tokens").Properties())
            special[name] = ([.. token.Required("ids").Items().Select(id => id.Integer())], [.. token.Required("tokens").Items().Select(text => text.Text())]);
        return new TemplateProcessing(
            [.. part.Required("single").Items().Select(piece => Piece(piece, special, texts: 1))],
            [.. part.Required("pair").Items().Select(piece => Piece(piece, special, texts: 2))]);
    }

    private static TemplatePiece Piece(JsonPart part, Dictionary<string, (int[] Ids, string[] Tokens)> special, int texts)
    {
        if (part.Optional("SpecialToken") is { } token)
        {
            JsonPart id = token.Required("id");
            (int[] ids, string[] tokens) = special.TryGetValue(id.Text(), out (int[], string[]) known) ? known : throw id.Invalid("is not among special_tokens");
            return new TemplatePiece(-1, token.Required("type_id").Integer(), ids, tokens);
        }

        JsonPart sequence = part.Required("Sequence"), text = sequence.Required("id");
        int index = Array.IndexOf(["A", "B"], text.Text());
        if (index < 0 || index >= texts)
            throw text.Invalid(texts == 1 ? "is not A, the only text there is" : "is neither A nor B");
        return new TemplatePiece(index, sequence.Required("type_id").Integer(), [], []);
    }
}
