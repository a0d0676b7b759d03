namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A token that is looked for in the text before anything else.</summary>
/// <param name="Content">Its characters.</param>
/// <param name="SingleWord">Only where no word character is beside it.</param>
/// <param name="LeftStrip">Swallows the white space before it.</param>
/// <param name="RightStrip">Swallows the white space after it.</param>
/// <param name="Normalized">Looked for, itself normalized, in the normalized text, not in the raw one.</param>
/// <param name="Special">Left out when decoding without special tokens.</param>
internal sealed record AddedToken(string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special)
{
    /// <summary>Reads one. Its id in the file is only checked: what counts is the vocabulary, see <see cref="AddedVocabulary"/>.</summary>
    public static AddedToken Read(JsonPart part)
    {
        _ = part.Required("id").Integer();
        return new AddedToken(
            part.Required("content").Text(), part.Required("single_word").Boolean(), part.Required("lstrip").Boolean(),
            part.Required("rstrip").Boolean(), part.Required("normalized").Boolean(), part.Required("special").Boolean());
    }
}
