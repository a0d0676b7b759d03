namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Several post-processors, of which at most one puts tokens together; the reference itself fails on a second template.</summary>
internal sealed class PostProcessorSequence : PostProcessor
{
    private readonly PostProcessor[] _processors;
    private readonly PostProcessor _together;

    private PostProcessorSequence(PostProcessor[] processors)
    {
        _processors = processors;
        _together = Array.Find(processors, processor => processor.PutsTogether) ?? None;
    }

    public override IReadOnlyList<TemplatePiece> Single => _together.Single;

    public override IReadOnlyList<TemplatePiece> Pair => _together.Pair;

    public override bool TypesOverflow => _together.TypesOverflow;

    public override bool PutsTogether => _together != None;

    /// <summary>Reads it from tokenizer.json.</summary>
    /// <exception cref="NotSupportedException">More than one puts tokens together.</exception>
    public static PostProcessorSequence Read(JsonPart part)
    {
        PostProcessor[] processors = [.. part.Required("processors").Items().Select(TokenizerJson.PostProcessors.Read)];
        return processors.Count(processor => processor.PutsTogether) is var count and > 1
            ? throw new NotSupportedException(
                $"{part.Where("processors")} has {count} that put tokens together; supported: one. Export the tokenizer with one of them.")
            : new PostProcessorSequence(processors);
    }

    public override void AdjustOffsets(TokenSequence tokens)
    {
        foreach (PostProcessor processor in _processors)
            processor.AdjustOffsets(tokens);
    }
}
