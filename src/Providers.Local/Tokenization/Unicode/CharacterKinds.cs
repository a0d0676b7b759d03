namespace Polymodal.Providers.Local.Tokenization;

/// <summary>What the reference library's rules see in a code point. The bits are those that tools/UnicodeTables writes.</summary>
[Flags]
internal enum CharacterKinds : uint
{
    None = 0,

    /// <summary>White space, the same 25 code points in every rule.</summary>
    WhiteSpace = 1 << 0,

    /// <summary>Punctuation of BertPreTokenizer and Punctuation: ASCII symbols and an old category P.</summary>
    Punctuation = 1 << 1,

    /// <summary><c>\w</c> of Whitespace and of an added token's word boundary.</summary>
    Word = 1 << 2,

    /// <summary>Category N, the digits of Digits.</summary>
    Numeric = 1 << 3,

    /// <summary>A combining mark (category M of an old table), which StripAccents removes.</summary>
    Mark = 1 << 4,

    /// <summary>A non-spacing mark (category Mn of an old table), which BertNormalizer removes.</summary>
    NonspacingMark = 1 << 5,

    /// <summary>Removed by BertNormalizer's clean_text.</summary>
    Control = 1 << 6,

    /// <summary>Made a space by BertNormalizer's clean_text.</summary>
    CleanedToSpace = 1 << 7,

    /// <summary>Surrounded with spaces by BertNormalizer's handle_chinese_chars.</summary>
    Chinese = 1 << 8,

    /// <summary>Has a lower case.</summary>
    HasLower = 1 << 9,

    /// <summary>Has a canonical decomposition (Hangul syllables too).</summary>
    Canonical = 1 << 10,

    /// <summary>Has a compatibility decomposition that is not its canonical one.</summary>
    Compatible = 1 << 11,

    /// <summary>May join the character before it when composing.</summary>
    ComposesBackwards = 1 << 12,

    /// <summary>Alone, it is changed by NFC.</summary>
    ChangedByNfc = 1 << 13,

    /// <summary>Alone, it is changed by NFKC.</summary>
    ChangedByNfkc = 1 << 14,

    /// <summary>The canonical combining class, 0 for most.</summary>
    CombiningClass = 0xFFu << 24,
}
