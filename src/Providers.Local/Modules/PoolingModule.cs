using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Modules;

/// <summary>The pooling of a text model: as its <c>config.json</c> says in either dialect, or as chosen where a folder has none.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class PoolingModule
{
    private readonly PoolingMode[] _modes;
    private readonly int _hidden;

    /// <summary>A pooling.</summary>
    /// <param name="name">Index and type, e.g. <c>1_Pooling</c>.</param>
    /// <param name="modes">One or several, whose vectors stand one after the other.</param>
    /// <param name="hidden">Length of a token embedding.</param>
    /// <param name="includePrompt">Whether the prompt's tokens are pooled with the text's.</param>
    public PoolingModule(string name, PoolingMode[] modes, int hidden, bool includePrompt)
    {
        Name = name;
        _modes = modes;
        _hidden = hidden;
        IncludePrompt = includePrompt;
    }

    /// <summary>Index and type, e.g. <c>1_Pooling</c>.</summary>
    public string Name { get; }

    /// <summary>How tokens become one vector; several stand one after the other.</summary>
    public IReadOnlyList<PoolingMode> Modes => _modes;

    /// <summary>Length of a token embedding.</summary>
    public int HiddenSize => _hidden;

    /// <summary>Length of the pooled vector.</summary>
    public int Dimensions => _hidden * _modes.Length;

    /// <summary>Whether the prompt's tokens are pooled with the text's.</summary>
    public bool IncludePrompt { get; }

    /// <summary>Reads a module folder.</summary>
    /// <exception cref="InvalidDataException">A field is missing or has a wrong type.</exception>
    /// <exception cref="NotSupportedException">It asks for a mode that is not built.</exception>
    internal static PoolingModule Read(ModelFolder folder, string path, string name)
    {
        string file = path.Length == 0 ? "config.json" : $"{path}/config.json";
        PoolingConfig config = folder.Read(file, TextModelJson.Default.PoolingConfig);
        int? dimensions = config.EmbeddingDimension ?? config.WordEmbeddingDimension;
        if (dimensions is not > 0)
            throw new InvalidDataException($"{folder.Name}/{file}: word_embedding_dimension is {dimensions?.ToString() ?? "missing"}. It must be the length of a token embedding, at least 1.");

        PoolingMode[] modes =
        [
            .. Words(config, $"{folder.Name}/{file}").Select(word => PoolingModes.Find(word) ?? throw new NotSupportedException(
                $"{folder.Name}/{file}: the pooling mode is '{word}'; supported: {PoolingModes.Words}, or a list of them. Choose a model that pools by these.")),
        ];
        return new PoolingModule(name, modes, dimensions.Value, config.IncludePrompt ?? true);
    }

    /// <summary>Pools a batch.</summary>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, hidden], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 real token, 0 padding.</param>
    /// <param name="promptTokens">How many leading real tokens belong to the prompt; they are left out when the folder says so.</param>
    /// <param name="pooled">Receives [batch, <see cref="Dimensions"/>].</param>
    /// <remarks>Reference: sentence-transformers 6.2, modules/pooling.py.</remarks>
    public void Apply(ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int promptTokens, Span<float> pooled) =>
        Pool.By(_modes, tokenEmbeddings, attentionMask, _hidden, IncludePrompt ? 0 : promptTokens, pooled);

    // Of flags the order is the one in which the library concatenates; no flag at all means "mean". A list has its own order.
    private static IReadOnlyList<string> Words(PoolingConfig config, string file)
    {
        if (config.PoolingMode is { } named)
        {
            return named.ValueKind switch
            {
                JsonValueKind.String => [named.GetString()!],
                JsonValueKind.Array when named.GetArrayLength() > 0 && named.EnumerateArray().All(mode => mode.ValueKind == JsonValueKind.String) => [.. named.EnumerateArray().Select(mode => mode.GetString()!)],
                _ => throw new InvalidDataException($"{file}: pooling_mode is {named.ValueKind}. It must be a name or a list of names; known: {PoolingModes.Words}."),
            };
        }

        bool?[] flags = [config.Cls, config.Max, config.Mean, config.MeanSqrtLength, config.WeightedMean, config.LastToken];
        string[] words = [.. PoolingModes.Known.Where((_, index) => flags[index] == true).Select(known => known.Key)];
        return words is [] ? ["mean"] : words;
    }
}
