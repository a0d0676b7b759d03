using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>What became of one input: a vector or an error.</summary>
/// <param name="Embedding">The vector; null when there is an error.</param>
/// <param name="Error">Why there is no vector; null when there is one.</param>
public sealed record MultimodalResult(Embedding<float>? Embedding, Exception? Error);

/// <summary>What a list gave whose inputs may fail one by one.</summary>
/// <param name="Items">One an input, in the order given.</param>
/// <param name="Usage">What the frameworks used for inputs that have vectors, summed; null when none says it.</param>
/// <param name="UsageByRoute">The same by the name of the route.</param>
public sealed record MultimodalResults(IReadOnlyList<MultimodalResult> Items, UsageDetails? Usage, IReadOnlyDictionary<string, UsageDetails> UsageByRoute);
