using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Modules;

/// <summary>A step of <c>modules.json</c> that turns one vector a text into another, e.g. <c>2_Normalize</c>.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
/// <param name="name">Index and type, e.g. <c>2_Normalize</c>: the name recorded references use.</param>
/// <param name="dimensions">Length of the vectors it gives; at least 1.</param>
internal abstract class SentenceModule(string name, int dimensions)
{
    private const string SentenceEmbedding = "sentence_embedding";

    /// <summary>Index and type, e.g. <c>2_Normalize</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Length of the vectors it gives.</summary>
    public int Dimensions { get; } = dimensions;

    /// <summary>Whether all vectors it gives have unit length (zeros excepted).</summary>
    public abstract bool Normalizes { get; }

    /// <summary>Applies the step.</summary>
    /// <param name="vectors">Shape [count, dimensions of the step before], row-major.</param>
    /// <param name="results">Receives [count, <see cref="Dimensions"/>].</param>
    public abstract void Apply(ReadOnlySpan<float> vectors, Span<float> results);

    /// <summary>The types that can follow the pooling, by the last part of <c>type</c> in <c>modules.json</c>. A new one is one file and one line.</summary>
    internal static readonly IReadOnlyDictionary<string, SentenceModuleReader> Known = new Dictionary<string, SentenceModuleReader>(StringComparer.Ordinal)
    {
        ["Dense"] = DenseModule.Read,
        ["LayerNorm"] = LayerNormModule.Read,
        ["Normalize"] = NormalizeModule.Read,
        ["Dropout"] = (_, _, name, dimensions) => new IdentityModule(name, dimensions, normalizes: false),
    };

    /// <summary>Refuses a module that works on single tokens.</summary>
    /// <exception cref="NotSupportedException">One of the names is not that of the text's vector.</exception>
    protected static void EnsureSentence(ModelFolder folder, string file, params ReadOnlySpan<string?> names)
    {
        foreach (string? name in names)
        {
            if (name is not (null or SentenceEmbedding))
                throw new NotSupportedException($"{folder.Name}/{file}: the module works on '{name}'; supported: {SentenceEmbedding}. Choose a model whose modules follow its pooling.");
        }
    }
}

/// <summary>Reads a module's own folder.</summary>
/// <param name="folder">The model.</param>
/// <param name="path">The module's folder in it; empty for the root.</param>
/// <param name="name">Index and type.</param>
/// <param name="dimensions">Length of the vectors it will get.</param>
internal delegate SentenceModule SentenceModuleReader(ModelFolder folder, string path, string name, int dimensions);
