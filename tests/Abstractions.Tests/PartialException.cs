using Microsoft.Extensions.AI;

namespace Polymodal.Tests;

/// <summary>A failure that knows what was computed before it.</summary>
internal sealed class PartialException : Exception, IPartialEmbeddings
{
    public int InputCount { get; private set; }

    public IReadOnlyDictionary<int, Embedding<float>> Completed { get; private set; } = new Dictionary<int, Embedding<float>>();

    public UsageDetails? CompletedUsage { get; private set; }

    public void SetCompleted(int inputCount, IReadOnlyDictionary<int, Embedding<float>> completed, UsageDetails? usage) => (InputCount, Completed, CompletedUsage) = (inputCount, completed, usage);
}
