using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Text;

/// <summary>What a text model wants of the engine; costs are tokens.</summary>
internal static class TextPlans
{
    // Measured with MiniLM on two processors: runs of 128 to 1,024 tokens are within a tenth of each other and of the best, from 4,096 on they are clearly
    // slower; two runs side by side on one thread each are faster than one on both.
    private static readonly int[] Budgets = [512, 256, 1_024, 128];

    // An execution provider with many units wants larger runs.
    private static readonly int[] ProviderBudgets = [4_096, 1_024, 16_384];

    /// <summary>The model's work.</summary>
    public static EngineWork Of(TextModelFolder folder, LocalTextEmbeddingOptions options) => new()
    {
        Name = folder.Name,
        Fingerprint = folder.Space.Fingerprint,
        Budgets = options.TokensPerRun is { } tokens ? [tokens] : options.ExecutionProvider is null ? Budgets : ProviderBudgets,
        Alone = options.OneTextPerRun || (folder.ScaleSpansBatch && options.TokensPerRun is null),
        ScaleSpansBatch = folder.ScaleSpansBatch,
        QueueItems = options.QueueTexts,
        QueueCost = options.QueueTokens,
    };
}
