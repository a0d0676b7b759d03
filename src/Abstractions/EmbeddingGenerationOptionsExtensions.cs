using Microsoft.Extensions.AI;

namespace Polymodal;

/// <summary>Intent in <see cref="EmbeddingGenerationOptions"/>.</summary>
public static class EmbeddingGenerationOptionsExtensions
{
    private const string IntentProperty = "polymodal.intent";

    /// <summary>A copy of the options that says what the vectors are for.</summary>
    /// <param name="options">The options to copy; null counts as empty.</param>
    /// <param name="intent">What the vectors are for.</param>
    public static EmbeddingGenerationOptions WithIntent(this EmbeddingGenerationOptions? options, EmbeddingIntent intent)
    {
        EmbeddingGenerationOptions copy = options?.Clone() ?? new EmbeddingGenerationOptions();
        (copy.AdditionalProperties ??= [])[IntentProperty] = intent;
        return copy;
    }

    /// <summary>The intent set by <see cref="WithIntent"/>, or null.</summary>
    /// <param name="options">The options to read; null has no intent.</param>
    public static EmbeddingIntent? GetIntent(this EmbeddingGenerationOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(IntentProperty, out EmbeddingIntent intent) == true ? intent : null;
}
