using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>The choice of routes in <see cref="EmbeddingGenerationOptions"/>.</summary>
public static class MultimodalGenerationOptionsExtensions
{
    private const string RoutesProperty = "polymodal.routes";

    /// <summary>A copy of the options that prefers routes by their names: each input goes to the last of them that takes it, one that none of them takes as without them.</summary>
    /// <param name="options">The options to copy; null counts as empty.</param>
    /// <param name="names">Names of routes, e.g. <c>clip-text</c>.</param>
    public static EmbeddingGenerationOptions WithRoutes(this EmbeddingGenerationOptions? options, params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        EmbeddingGenerationOptions copy = options?.Clone() ?? new EmbeddingGenerationOptions();
        (copy.AdditionalProperties ??= [])[RoutesProperty] = names.ToArray();
        return copy;
    }

    /// <summary>The names set by <see cref="WithRoutes"/>; none when it was not called.</summary>
    /// <param name="options">The options to read; null has none.</param>
    public static IReadOnlyList<string> GetRoutes(this EmbeddingGenerationOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(RoutesProperty, out string[]? names) == true ? names : [];
}
