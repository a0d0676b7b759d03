namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Hangul syllables, whose decompositions follow from their numbers (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    /// <summary>Every precomposed syllable.</summary>
    public static IEnumerable<int> AllSyllables => Enumerable.Range(SyllableBase, Syllables);

    /// <summary>Whether a code point is a precomposed syllable.</summary>
    public static bool IsSyllable(int codePoint) => (uint)(codePoint - SyllableBase) < Syllables;

    /// <summary>Splits a syllable.</summary>
    /// <returns>Lead, vowel, and tail or 0.</returns>
    public static (char Lead, char Vowel, char Tail) Decompose(int syllable)
    {
        int index = syllable - SyllableBase, tail = index % Tails;
        return ((char)(LeadBase + (index / (Vowels * Tails))), (char)(VowelBase + (index / Tails % Vowels)), tail == 0 ? '\0' : (char)(TailBase + tail));
    }

    /// <summary>Joins a lead and a vowel, or a syllable without tail and a tail; −1 when they do not join.</summary>
    public static int Compose(int first, int second)
    {
        if ((uint)(first - LeadBase) < Leads && (uint)(second - VowelBase) < Vowels)
            return SyllableBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Tails);
        bool isOpen = IsSyllable(first) && (first - SyllableBase) % Tails == 0;
        return isOpen && second > TailBase && second < TailBase + Tails ? first + second - TailBase : -1;
    }
}
