namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Removes control characters and makes unusual white space, joiners, ▁ and U+FFFD spaces, as machine translation models were trained with.</summary>
internal sealed class Nmt : Normalizer
{
    public override bool KeepsWordEnds => true;

    public override void Apply(NormalizedText text)
    {
        ReadOnlySpan<char> chars = text.Chars;
        text.Reserve(chars.Length);
        for (int i = 0; i < chars.Length; i++)
        {
            switch (chars[i])
            {
                case (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F':
                    break;
                case '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD':
                    text.AppendReserved(' ', i);
                    break;
                default:
                    text.AppendReserved(chars[i], i);
                    break;
            }
        }

        text.Commit();
    }
}
