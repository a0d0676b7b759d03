using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Makes Metaspace's character a space, in the first token nothing where it was put there.</summary>
internal sealed class MetaspaceDecoder(Rune replacement, bool isPrepended) : Decoder
{
    private readonly string _replacement = replacement.ToString();

    /// <summary>Reads it from tokenizer.json.</summary>
    public static MetaspaceDecoder Read(JsonPart part) => new(part.Required("replacement").Character(), Metaspace.ReadScheme(part) != PrependScheme.Never);

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens) =>
        [.. tokens.Select((token, index) => token.Replace(_replacement, index == 0 && isPrepended ? "" : " ", StringComparison.Ordinal))];
}
