using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Lower-cases character by character, so without a final sigma.</summary>
internal sealed class Lowercase : Normalizer
{
    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text) => Rewrite(text);

    /// <summary>Lower-cases a text.</summary>
    public static void Rewrite(NormalizedText text)
    {
        ReadOnlySpan<char> chars = text.Chars;
        if (!text.Tracks && Ascii.IsValid(chars))
        {
            Ascii.ToLower(chars, text.Room(chars.Length), out int written);
            text.Take(written);
            text.Commit();
            return;
        }

        UnicodeData unicode = UnicodeData.Instance;
        text.Reserve(chars.Length);
        for (int i = 0; i < chars.Length;)
        {
            char unit = chars[i];
            if (unit < 0x80)
            {
                text.AppendReserved(unit is >= 'A' and <= 'Z' ? (char)(unit | 0x20) : unit, i++);
                continue;
            }

            int codePoint = CodePoints.At(chars, i, out int length);
            text.Append((unicode[codePoint] & CharacterKinds.HasLower) == 0 ? codePoint : unicode.ToLower(codePoint), i);
            if (UnicodeData.SecondOfLower(codePoint) is var second and not 0)
                text.Append(second, i);
            i += length;
            text.Reserve(chars.Length - i);
        }

        text.Commit();
    }
}
