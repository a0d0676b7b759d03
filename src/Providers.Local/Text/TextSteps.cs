namespace Polymodal.Providers.Local.Text;

/// <summary>Collects what every step of one batch gave.</summary>
internal sealed class TextSteps
{
    private readonly List<KeyValuePair<string, float[]>> _modules = [];

    /// <summary>Shape [batch, sequence, hidden]; empty where an encoder has no vectors of single tokens.</summary>
    public float[] TokenEmbeddings { get; set; } = [];

    /// <summary>Shape [batch, sequence]; 1 for tokens that a graph with a pooling of its own was told to pool.</summary>
    public long[] PoolMask { get; set; } = [];

    /// <summary>Further outputs of the graph with one row a text, by name, e.g. <c>pooler_output</c>.</summary>
    public Dictionary<string, float[]> Outputs { get; } = new(StringComparer.Ordinal);

    /// <summary>The result of each module by its name, in the order they ran.</summary>
    public IReadOnlyList<KeyValuePair<string, float[]>> Modules => _modules;

    /// <summary>Adds a result.</summary>
    /// <param name="name">Index and type, e.g. <c>1_Pooling</c>.</param>
    /// <param name="vectors">Shape [batch, dimensions]; must stay as it is.</param>
    public void Add(string name, float[] vectors) => _modules.Add(new(name, vectors));
}
