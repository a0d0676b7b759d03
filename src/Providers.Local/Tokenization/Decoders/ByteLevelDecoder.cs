using System.Runtime.InteropServices;
using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Turns the characters that stand for bytes back into these, and all bytes together into text; what is no UTF-8 becomes U+FFFD.</summary>
internal sealed class ByteLevelDecoder : Decoder
{
    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens)
        {
            // A token with any other character stands for itself, an added one say.
            if (token.All(character => ByteCharacters.ByteOf(character) >= 0))
                bytes.AddRange(token.Select(character => (byte)ByteCharacters.ByteOf(character)));
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
        }

        return [Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes))];
    }
}
