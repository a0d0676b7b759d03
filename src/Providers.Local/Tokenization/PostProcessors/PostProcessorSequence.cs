namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Several post-processors, of which one puts tokens together; the reference itself fails on a second template.</summary>
internal static class PostProcessorSequence
{
    /// <summary>Reads it from tokenizer.json.</summary>
    /// <exception cref="NotSupportedException">There is more than one.</exception>
    public static PostProcessor Read(JsonPart part)
    {
        PostProcessor[] processors = [.. part.Required("processors").Items().Select(TokenizerJson.PostProcessors.Read)];
        return processors.Length switch
        {
            0 => PostProcessor.None,
            1 => processors[0],
            _ => throw new NotSupportedException(
                $"{part.Source}: {part.PathOf("processors")} has {processors.Length} that put tokens together; supported: one. Export the tokenizer with one of them."),
        };
    }
}
