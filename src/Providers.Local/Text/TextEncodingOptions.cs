namespace Polymodal.Providers.Local.Text;

/// <summary>What one call of <see cref="LocalTextModel.Encode"/> may choose; the words are those of sentence-transformers' <c>encode</c>.</summary>
public sealed record TextEncodingOptions
{
    /// <summary>Put before every text. Default empty.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>What the texts are for: chooses the way through a model that has several (Router), or the adapter. Default null. It chooses no prompt; see <see cref="LocalTextModel.PromptFor"/>.</summary>
    public EmbeddingIntent? Intent { get; init; }

    /// <summary>Length the vectors are cut to, after the folder's own steps; at least 1. Default null: as the folder says.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Whether vectors are scaled to unit length at the end. Default false: only where the folder says so.</summary>
    public bool Normalize { get; init; }
}
