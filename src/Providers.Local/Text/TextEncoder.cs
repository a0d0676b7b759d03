using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.StaticVectors;
using Polymodal.Providers.Local.Tokenization;

namespace Polymodal.Providers.Local.Text;

/// <summary>
/// The first part of a text model: tokens in, one vector a text out. What follows it in the folder are <see cref="SentenceModule"/>s.
/// A kind of encoder is one class and one line in <see cref="Known"/>.
/// </summary>
/// <remarks>Safe for concurrent use. <see cref="Dispose"/> waits for calls under way and may be called again.</remarks>
internal abstract class TextEncoder : IDisposable
{
    /// <summary>The types that can stand first in <c>modules.json</c>, by the last part of <c>type</c>.</summary>
    public static readonly IReadOnlyDictionary<string, TextEncoderReader> Known = new Dictionary<string, TextEncoderReader>(StringComparer.Ordinal)
    {
        ["Transformer"] = TransformerEncoder.Read,
        ["StaticEmbedding"] = StaticEncoder.Read,
        ["CLIPModel"] = TransformerEncoder.Read,
    };

    /// <summary>The folder's tokenizer.</summary>
    public abstract Tokenizer Tokenizer { get; }

    /// <summary>Where a text is cut, special tokens included; <see cref="int.MaxValue"/> for nowhere.</summary>
    public abstract int MaxTokens { get; }

    /// <summary>Token number of the padding.</summary>
    public virtual int PadId => 0;

    /// <summary>Whether padding stands before a text.</summary>
    public virtual bool PadsLeft => false;

    /// <summary>Tokens that every text is padded to, because the graph sees the padding; null for the longest of a run.</summary>
    public virtual int? FixedLength => null;

    /// <summary>Length of the vectors it gives.</summary>
    public abstract int Dimensions { get; }

    /// <summary>Whether the vector of a text depends on what else is in the run.</summary>
    public virtual bool ScaleSpansBatch => false;

    /// <summary>Whether all vectors it gives have unit length (zeros excepted).</summary>
    public virtual bool Normalizes => false;

    /// <summary>Whether its vectors are the means of token embeddings that <see cref="Encode"/> shows in its steps.</summary>
    public virtual bool PoolsByMean => false;

    /// <summary>Tokenizes texts the way this encoder wants them.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="prompt">Put before each text.</param>
    /// <param name="cancellationToken">Ends the work between two texts.</param>
    public virtual TokenizedTexts Tokenize(IReadOnlyList<string> texts, string prompt, CancellationToken cancellationToken) =>
        new(Tokenizer, texts, prompt, MaxTokens, cancellationToken);

    /// <summary>How many leading tokens of a text count as prompt: the tokens of the prompt alone, less one when they end with a special token.</summary>
    /// <param name="prompt">The prompt; empty for none.</param>
    /// <remarks>Reference: sentence-transformers 6.2, which does not count again in the joined text.</remarks>
    public virtual int PromptTokens(string prompt)
    {
        if (prompt.Length == 0)
            return 0;
        EncodedText encoded = Tokenizer.Encode(prompt);
        int count = encoded.InputIds.Count;
        return count > 0 && encoded.SpecialTokensMask[^1] == 1 ? count - 1 : count;
    }

    /// <summary>Embeds one batch on the calling thread.</summary>
    /// <param name="batch">The padded tokens; at least one text.</param>
    /// <param name="promptTokens">How many leading tokens of each text are prompt.</param>
    /// <param name="steps">Receives every intermediate result under the names recorded references use; null to keep none.</param>
    /// <returns>Shape [count, <see cref="Dimensions"/>], row-major; owned by the caller.</returns>
    public abstract float[] Encode(TextBatch batch, int promptTokens, TextSteps? steps);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>Reads an encoder from a model folder.</summary>
/// <param name="folder">The folder.</param>
/// <param name="options">Which weights run, and how.</param>
/// <param name="modules">The modules from the encoder's own on; at least one.</param>
/// <param name="taken">How many leading modules the encoder covers; the others follow it as steps of their own.</param>
internal delegate TextEncoder TextEncoderReader(ModelFolder folder, LocalTextEmbeddingOptions options, ReadOnlySpan<FolderModule> modules, out int taken);

/// <summary>An entry of <c>modules.json</c>, or one that stands for what a folder without it leaves open.</summary>
/// <param name="Name">Index and type, e.g. <c>1_Pooling</c>.</param>
/// <param name="Type">The last part of its class name.</param>
/// <param name="Path">Its folder; empty for the model folder itself.</param>
internal sealed record FolderModule(string Name, string Type, string Path)
{
    /// <summary>Whether it is the text tower of a model with two, whose graph gives finished vectors.</summary>
    public bool IsTower { get; init; }

    /// <summary>Of a pooling that has no file: the mode chosen for it.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>Whether <see cref="Pooling"/> is what is usual for such a model, and nobody's choice.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>A file of the module, relative to the model folder.</summary>
    public string File(string name) => Path.Length == 0 ? name : $"{Path}/{name}";
}
