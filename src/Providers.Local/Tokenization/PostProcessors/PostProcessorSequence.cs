namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Several post-processors. The reference fails where more than one of them adds special tokens; so does reading such a file.</summary>
internal sealed class PostProcessorSequence : PostProcessor
{
    private readonly IReadOnlyList<PostProcessor> _processors;
    private readonly PostProcessor _template;

    private PostProcessorSequence(IReadOnlyList<PostProcessor> processors)
    {
        _processors = processors;
        _template = processors.Count == 0 ? None : processors[^1];
    }

    public override IReadOnlyList<TemplatePiece> Single => _template.Single;

    public override IReadOnlyList<TemplatePiece> Pair => _template.Pair;

    public override bool TypesOverflow => _template.TypesOverflow;

    /// <summary>Reads it from tokenizer.json.</summary>
    public static PostProcessorSequence Read(JsonPart part)
    {
        JsonPart list = part.Required("processors");
        PostProcessor[] processors = [.. list.Items().Select(TokenizerJson.PostProcessors.Read)];
        return processors.Length <= 1 ? new PostProcessorSequence(processors) : throw list.Invalid("has several that put tokens together");
    }

    public override void AdjustOffsets(TokenSequence tokens)
    {
        foreach (PostProcessor processor in _processors)
            processor.AdjustOffsets(tokens);
    }
}
