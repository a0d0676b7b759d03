using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Models;

/// <summary>A well-known model: where it is found, what a person wants to know before it is loaded, and what its folder may leave unsaid. What the folder says wins.</summary>
public sealed record LocalModel
{
    /// <summary>Its name on the model hub, e.g. <c>sentence-transformers/all-MiniLM-L6-v2</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Length of its vectors.</summary>
    public required int Dimensions { get; init; }

    /// <summary>How its tokens become one vector; used for a plain HuggingFace folder, which does not say. Default null: the last token of a causal language model, the mean of any other.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>Whether its vectors are scaled to unit length; used for a plain HuggingFace folder, which does not say. Default false.</summary>
    public bool Normalize { get; init; }

    /// <summary>The prompts it was trained with, by name; used where the folder has none of that name. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of its prompts by intent, where they are not the usual <c>query</c>, <c>document</c>, <c>similarity</c>, <c>classification</c>, <c>clustering</c>. Default empty.</summary>
    public IReadOnlyDictionary<EmbeddingIntent, string> PromptNames { get; init; } = new Dictionary<EmbeddingIntent, string>();

    /// <summary>The folder that a program's <c>models</c> folder has it in: the last part of <see cref="Id"/>.</summary>
    public string FolderName => Id[(Id.LastIndexOf('/') + 1)..];

    /// <summary>The kind of its preprocessor, for folders without <c>preprocessor_config.json</c>; null where folders have one.</summary>
    internal string? Preprocessor { get; init; }

    /// <summary>The package that brings its folder; null when none does.</summary>
    internal string? Package { get; init; }

    /// <summary>Where a program has the model when a package or project brought it.</summary>
    internal string ShippedPath => Path.Combine(AppContext.BaseDirectory, "models", FolderName);
}
