using System.Collections;
using System.Globalization;

namespace Polymodal.VectorStore;

internal static partial class FtsCharacters
{
    private static readonly BitArray SeparatorSet = SetOf(Separators), MarkSet = SetOf(Marks);
    private static readonly Dictionary<int, int> FoldOf = ReadFolds(), AccentOf = ReadAccents();

    /// <summary>Whether the code point stands between words.</summary>
    public static bool IsSeparator(int codePoint) => codePoint < SeparatorSet.Length && SeparatorSet[codePoint];

    /// <summary>Whether the code point is left out of a word.</summary>
    public static bool IsMark(int codePoint) => codePoint < MarkSet.Length && MarkSet[codePoint];

    /// <summary>The code point without regard to case.</summary>
    public static int Fold(int codePoint) => FoldOf.GetValueOrDefault(codePoint, codePoint);

    /// <summary>A folded code point without its accent, when it is a Latin letter with one.</summary>
    public static int WithoutAccent(int codePoint) => AccentOf.GetValueOrDefault(codePoint, codePoint);

    private static BitArray SetOf(string ranges)
    {
        (int First, int Last)[] all = [.. ranges.Split(' ').Select(range => range.Split('-')).Select(range => (Number(range[0]), Number(range[^1])))];
        var set = new BitArray(all.Max(range => range.Last) + 1);
        foreach ((int first, int last) in all)
        {
            for (int codePoint = first; codePoint <= last; codePoint++)
                set[codePoint] = true;
        }

        return set;
    }

    private static Dictionary<int, int> ReadFolds()
    {
        var folds = new Dictionary<int, int>();
        foreach (string fold in Folds.Split(' '))
        {
            string[] sides = fold.Split('>'), range = sides[0].Split('-', '/');
            int first = Number(range[0]), step = sides[0].Contains('/', StringComparison.Ordinal) ? 2 : 1;
            for (int codePoint = first; codePoint <= Number(range[^1]); codePoint += step)
                folds[codePoint] = Number(sides[1]) + codePoint - first;
        }

        return folds;
    }

    private static Dictionary<int, int> ReadAccents() => Accents.Split(' ')
        .SelectMany(letter => letter[2..].Split(',').Select(accented => (Accented: Number(accented), Letter: (int)letter[0])))
        .ToDictionary(pair => pair.Accented, pair => pair.Letter);

    private static int Number(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
