using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Text;

/// <summary>The vectors of a list of texts.</summary>
/// <param name="Vectors">One a text, in the order given; each belongs to the caller.</param>
/// <param name="Tokens">Tokens of all texts together, special ones included.</param>
/// <param name="CutTexts">How many texts were longer than the model takes and lost their end.</param>
public sealed record TextEncoding(float[][] Vectors, int Tokens, int CutTexts)
{
    /// <summary>Where the time of the call went.</summary>
    public required CallStatistics Statistics { get; init; }
}

/// <summary>Every step of one batch, for comparing with a reference.</summary>
/// <param name="Batch">The padded input.</param>
/// <param name="PromptTokens">How many leading tokens count as prompt.</param>
/// <param name="TokenEmbeddings">Shape [batch, sequence, hidden]; values at padding mean nothing.</param>
/// <param name="Modules">The result of each further step by its name, e.g. <c>1_Pooling</c>; shape [batch, dimensions].</param>
public sealed record TextTrace(TextBatch Batch, int PromptTokens, float[] TokenEmbeddings, IReadOnlyList<KeyValuePair<string, float[]>> Modules);
