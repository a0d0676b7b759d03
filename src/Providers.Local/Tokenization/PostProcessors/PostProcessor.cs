namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The last of the four steps: puts special tokens around the tokens of one text or of a pair.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal abstract class PostProcessor
{
    /// <summary>What a file without post-processor does: nothing around one text, the second of a pair behind the first.</summary>
    public static PostProcessor None { get; } = new TemplateProcessing([TemplatePiece.First(0)], [TemplatePiece.First(0), TemplatePiece.Second(1)]);

    /// <summary>The parts of an encoded text, in order.</summary>
    public abstract IReadOnlyList<TemplatePiece> Single { get; }

    /// <summary>The parts of an encoded pair, in order.</summary>
    public abstract IReadOnlyList<TemplatePiece> Pair { get; }

    /// <summary>Whether it decides what stands where; else it only changes tokens.</summary>
    public virtual bool PutsTogether => true;

    /// <summary>Whether a part's type id also counts for what was cut off by truncation; else that keeps 0 for the first text and 1 for the second.</summary>
    public virtual bool TypesOverflow => false;

    /// <summary>Changes the places of a text's tokens before they are put together.</summary>
    public virtual void AdjustOffsets(TokenSequence tokens)
    {
    }

    /// <summary>Special tokens that are added.</summary>
    public int SpecialTokenCount(bool isPair)
    {
        IReadOnlyList<TemplatePiece> pieces = isPair ? Pair : Single;
        int count = 0;
        for (int i = 0; i < pieces.Count; i++)
            count += pieces[i].Ids.Length;
        return count;
    }
}

/// <summary>A part of an encoded text: one of the texts, or special tokens.</summary>
/// <param name="Text">0 the first text, 1 the second; −1 special tokens.</param>
/// <param name="TypeId">Type id of all its tokens.</param>
/// <param name="Ids">The special tokens' ids; empty for a text.</param>
/// <param name="Tokens">The special tokens.</param>
internal sealed record TemplatePiece(int Text, int TypeId, int[] Ids, string[] Tokens)
{
    /// <summary>The place of the first text.</summary>
    public static TemplatePiece First(int typeId) => new(0, typeId, [], []);

    /// <summary>The place of the second text.</summary>
    public static TemplatePiece Second(int typeId) => new(1, typeId, [], []);

    /// <summary>One special token.</summary>
    public static TemplatePiece Special(SpecialToken token, int typeId) => new(-1, typeId, [token.Id], [token.Content]);

    /// <summary>Whether it is special tokens.</summary>
    public bool IsSpecial => Text < 0;
}

/// <summary>A special token as BertProcessing and RobertaProcessing write it: <c>["[SEP]", 102]</c>.</summary>
/// <param name="Content">Its characters.</param>
/// <param name="Id">Its id.</param>
internal sealed record SpecialToken(string Content, int Id)
{
    /// <summary>Reads one.</summary>
    public static SpecialToken Read(JsonPart part)
    {
        JsonPart[] items = [.. part.Items()];
        if (items.Length != 2)
            throw part.Invalid("is not a token and its id");
        return new SpecialToken(items[0].Text(), items[1].Integer());
    }
}
