using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Modules;

/// <summary>The pooling of a sentence-transformers folder, as its <c>config.json</c> says in either dialect.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
internal sealed class PoolingModule
{
    private static readonly Dictionary<string, PoolingMode> Known = new(StringComparer.Ordinal)
    {
        ["cls"] = PoolingMode.Cls,
        ["mean"] = PoolingMode.Mean,
        ["lasttoken"] = PoolingMode.LastToken,
    };

    private PoolingModule(string name, PoolingMode mode, int dimensions, bool includePrompt)
    {
        Name = name;
        Mode = mode;
        Dimensions = dimensions;
        IncludePrompt = includePrompt;
    }

    /// <summary>Index and type, e.g. <c>1_Pooling</c>.</summary>
    public string Name { get; }

    /// <summary>How tokens become one vector.</summary>
    public PoolingMode Mode { get; }

    /// <summary>Length of a token embedding and of the pooled vector.</summary>
    public int Dimensions { get; }

    /// <summary>Whether the prompt's tokens are pooled with the text's.</summary>
    public bool IncludePrompt { get; }

    /// <summary>Reads a module folder.</summary>
    /// <exception cref="InvalidDataException">A field is missing or has a wrong type.</exception>
    /// <exception cref="NotSupportedException">It asks for a mode that is not built.</exception>
    internal static PoolingModule Read(ModelFolder folder, string path, string name)
    {
        string file = $"{path}/config.json";
        PoolingConfig config = folder.Read(file, TextModelJson.Default.PoolingConfig);
        int? dimensions = config.EmbeddingDimension ?? config.WordEmbeddingDimension;
        if (dimensions is not > 0)
            throw new InvalidDataException($"{folder.Name}/{file}: word_embedding_dimension is {dimensions?.ToString() ?? "missing"}. It must be the length of a token embedding, at least 1.");

        string[] modes = Modes(config, $"{folder.Name}/{file}");
        if (modes.Length != 1 || !Known.TryGetValue(modes[0], out PoolingMode mode))
        {
            throw new NotSupportedException(
                $"{folder.Name}/{file}: the pooling mode is '{string.Join("' + '", modes)}'; supported: one of {string.Join(", ", Known.Keys)}. Choose a model that pools by one of these.");
        }

        return new PoolingModule(name, mode, dimensions.Value, config.IncludePrompt ?? true);
    }

    /// <summary>Pools a batch.</summary>
    /// <param name="tokenEmbeddings">Shape [batch, sequence, dimensions], row-major.</param>
    /// <param name="attentionMask">Shape [batch, sequence]; 1 real token, 0 padding.</param>
    /// <param name="promptTokens">How many leading real tokens belong to the prompt; they are left out when the folder says so.</param>
    /// <param name="pooled">Receives [batch, dimensions].</param>
    /// <remarks>Reference: sentence-transformers 6.2, modules/pooling.py.</remarks>
    public void Apply(ReadOnlySpan<float> tokenEmbeddings, ReadOnlySpan<long> attentionMask, int promptTokens, Span<float> pooled)
    {
        if (IncludePrompt || promptTokens == 0)
        {
            Pool.By(Mode, tokenEmbeddings, attentionMask, Dimensions, pooled);
            return;
        }

        long[] mask = attentionMask.ToArray();
        int sequence = mask.Length / (pooled.Length / Dimensions);
        for (int start = 0; start < mask.Length; start += sequence)
        {
            Span<long> row = mask.AsSpan(start, sequence);
            int first = Math.Max(0, row.IndexOfAnyExcept(0));
            row.Slice(first, Math.Min(promptTokens, sequence - first)).Clear();
        }

        Pool.By(Mode, tokenEmbeddings, mask, Dimensions, pooled);
    }

    // The flags' order is the order in which the library concatenates; no flag at all means "mean".
    private static string[] Modes(PoolingConfig config, string file)
    {
        if (config.PoolingMode is { } named)
        {
            return named.ValueKind switch
            {
                JsonValueKind.String => [named.GetString()!],
                JsonValueKind.Array when named.EnumerateArray().All(mode => mode.ValueKind == JsonValueKind.String) => [.. named.EnumerateArray().Select(mode => mode.GetString()!)],
                _ => throw new InvalidDataException($"{file}: pooling_mode is {named.ValueKind}. It must be a name or a list of names; known: {string.Join(", ", Known.Keys)}."),
            };
        }

        (bool? Set, string Mode)[] flags =
        [
            (config.Cls, "cls"), (config.Max, "max"), (config.Mean, "mean"), (config.MeanSqrtLength, "mean_sqrt_len_tokens"),
            (config.WeightedMean, "weightedmean"), (config.LastToken, "lasttoken"),
        ];
        string[] modes = [.. flags.Where(flag => flag.Set == true).Select(flag => flag.Mode)];
        return modes is [] ? ["mean"] : modes;
    }
}
