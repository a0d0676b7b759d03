using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal.Tests;

/// <summary>Vectors for tests.</summary>
internal static class Vectors
{
    public static float[] Random(Random random, int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];

    public static Embedding<float> Of(params float[] numbers) => new(numbers);

    public static Embedding<float> In(string space, params float[] numbers) => new(numbers) { AdditionalProperties = new() { [EmbeddingSpace.SpaceIdProperty] = space } };
}
