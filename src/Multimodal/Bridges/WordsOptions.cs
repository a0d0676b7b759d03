using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>How pictures are described, see <see cref="WordsEmbeddingGenerator.Describing"/>.</summary>
public sealed class DescribingOptions
{
    /// <summary>What the model is asked with each picture; not blank. The default asks for a plain description of one or two sentences.</summary>
    public string Prompt { get; set; } = "Describe this picture for a search index in one or two plain sentences: what is seen, where, and any text that can be read. Answer with the description only.";

    /// <summary>Further options of the chat client, e.g. its model; null for none.</summary>
    public ChatOptions? Chat { get; set; }

    /// <summary>How many pictures are described side by side; at least 1. Default 4.</summary>
    public int Parallel { get; set; } = 4;

    internal DescribingOptions Validated()
    {
        if (string.IsNullOrWhiteSpace(Prompt))
            throw new ArgumentException("DescribingOptions.Prompt is blank; say what is to be described.", nameof(Prompt));
        if (Parallel < 1)
            throw new ArgumentException($"DescribingOptions.Parallel is {Parallel}; it must be at least 1.", nameof(Parallel));
        return new() { Prompt = Prompt, Chat = Chat?.Clone(), Parallel = Parallel };
    }
}

/// <summary>How sounds are transcribed, see <see cref="WordsEmbeddingGenerator.Transcribing"/>.</summary>
public sealed class TranscribingOptions
{
    /// <summary>Options of the speech client, e.g. the language; null for none.</summary>
    public SpeechToTextOptions? Speech { get; set; }

    /// <summary>How many sounds are transcribed side by side; at least 1. Default 2.</summary>
    public int Parallel { get; set; } = 2;

    internal TranscribingOptions Validated() =>
        Parallel < 1 ? throw new ArgumentException($"TranscribingOptions.Parallel is {Parallel}; it must be at least 1.", nameof(Parallel)) : new() { Speech = Speech?.Clone(), Parallel = Parallel };
}
