namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Several decoders, one after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<Decoder> decoders) : Decoder
{
    /// <summary>Reads it from tokenizer.json.</summary>
    public static DecoderSequence Read(JsonPart part) => new([.. part.Required("decoders").Items().Select(TokenizerJson.Decoders.Read)]);

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens) => decoders.Aggregate(tokens, (rewritten, decoder) => decoder.Rewrite(rewritten));
}
