using System.Globalization;
using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Joins byte tokens (<c>&lt;0xE2&gt;</c>) to characters; where neighbouring ones are no UTF-8 each of them is U+FFFD.</summary>
internal sealed class ByteFallbackDecoder : Decoder
{
    private const int TokenLength = 6;

    public override IReadOnlyList<string> Rewrite(IReadOnlyList<string> tokens)
    {
        var rewritten = new List<string>(tokens.Count);
        var bytes = new List<byte>();
        foreach (string token in tokens)
        {
            if (TryRead(token, out byte value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, rewritten);
            rewritten.Add(token);
        }

        Flush(bytes, rewritten);
        return rewritten;
    }

    private static void Flush(List<byte> bytes, List<string> rewritten)
    {
        if (bytes.Count == 0)
            return;
        byte[] all = [.. bytes];
        bytes.Clear();
        if (System.Text.Unicode.Utf8.IsValid(all))
            rewritten.Add(Encoding.UTF8.GetString(all));
        else
            rewritten.AddRange(Enumerable.Repeat("\uFFFD", all.Length));
    }

    private static bool TryRead(string token, out byte value)
    {
        value = 0;
        if (token.Length != TokenLength || !token.StartsWith("<0x", StringComparison.Ordinal) || token[^1] != '>')
            return false;
        ReadOnlySpan<char> digits = token.AsSpan(3, 2);
        return byte.TryParse(digits[0] == '+' ? digits[1..] : digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
