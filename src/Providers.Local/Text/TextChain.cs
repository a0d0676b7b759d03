using Polymodal.Providers.Local.Modules;

namespace Polymodal.Providers.Local.Text;

/// <summary>One way through a text model: an encoder and the steps after it.</summary>
/// <remarks>Safe for concurrent use. It does not own its encoder, which chains may share.</remarks>
/// <param name="encoder">The first part.</param>
/// <param name="modules">The steps after it.</param>
internal sealed class TextChain(TextEncoder encoder, IReadOnlyList<SentenceModule> modules)
{
    /// <summary>The first part.</summary>
    public TextEncoder Encoder => encoder;

    /// <summary>Length of the vectors the last step gives.</summary>
    public int Dimensions => modules is [.., var last] ? last.Dimensions : encoder.Dimensions;

    /// <summary>Whether all vectors it gives have unit length (zeros excepted).</summary>
    public bool Normalizes => modules is [.., var last] ? last.Normalizes : encoder.Normalizes;

    /// <summary>Embeds one batch on the calling thread.</summary>
    /// <param name="batch">The padded tokens; at least one text.</param>
    /// <param name="promptTokens">How many leading tokens of each text are prompt.</param>
    /// <param name="steps">Receives every intermediate result; null to keep none.</param>
    /// <returns>Shape [count, <see cref="Dimensions"/>], row-major; owned by the caller.</returns>
    public float[] Run(TextBatch batch, int promptTokens, TextSteps? steps = null) =>
        Finish(encoder.Encode(batch, promptTokens, steps), batch.Count, steps);

    /// <summary>Applies the steps after the encoder.</summary>
    /// <param name="vectors">Shape [count, dimensions of the encoder], row-major.</param>
    /// <param name="count">How many vectors there are.</param>
    /// <param name="steps">Receives every intermediate result; null to keep none.</param>
    /// <returns>Shape [count, <see cref="Dimensions"/>], row-major; owned by the caller.</returns>
    public float[] Finish(float[] vectors, int count, TextSteps? steps = null)
    {
        foreach (SentenceModule module in modules)
        {
            float[] results = new float[count * module.Dimensions];
            module.Apply(vectors, results);
            steps?.Add(module.Name, results);
            vectors = results;
        }

        return vectors;
    }
}
