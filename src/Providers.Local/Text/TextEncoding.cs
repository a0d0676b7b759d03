using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Text;

/// <summary>The vectors of a list of texts.</summary>
/// <param name="Vectors">One a text, in the order given; each belongs to the caller.</param>
/// <param name="Tokens">Tokens of all texts together, special ones included.</param>
/// <param name="CutTexts">How many texts were longer than the model takes and lost their end.</param>
public sealed record TextEncoding(float[][] Vectors, int Tokens, int CutTexts) : ILocalEncoding
{
    /// <summary>Where the time of the call went.</summary>
    public required CallStatistics Statistics { get; init; }

    IReadOnlyList<float[]> ILocalEncoding.Vectors => Vectors;

    int? ILocalEncoding.Tokens => Tokens;
}

/// <summary>Every step of one batch, for comparing with a reference.</summary>
public sealed class TextTrace
{
    internal TextTrace(TextBatch batch, int promptTokens, TextSteps steps)
    {
        Batch = batch;
        PromptTokens = promptTokens;
        TokenEmbeddings = steps.TokenEmbeddings;
        PoolMask = steps.PoolMask;
        Modules = steps.Modules;
        Outputs = steps.Outputs;
    }

    /// <summary>The padded input.</summary>
    public TextBatch Batch { get; }

    /// <summary>How many leading tokens count as prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>Shape [batch, sequence, hidden]; values at padding mean nothing. Empty where the model has no vectors of single tokens.</summary>
    public float[] TokenEmbeddings { get; }

    /// <summary>Shape [batch, sequence]; 1 for tokens that a graph with a pooling of its own was told to pool. Empty where no graph ran.</summary>
    public long[] PoolMask { get; }

    /// <summary>The result of each step by its name, e.g. <c>1_Pooling</c>; shape [batch, dimensions].</summary>
    public IReadOnlyList<KeyValuePair<string, float[]>> Modules { get; }

    /// <summary>Further outputs of the graph with one row a text, by name, e.g. <c>pooler_output</c>.</summary>
    public IReadOnlyDictionary<string, float[]> Outputs { get; }
}
