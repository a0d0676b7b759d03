using Microsoft.Extensions.AI;

namespace Polymodal.Delegating;

/// <summary>Checks what an inner generator answers.</summary>
internal static class InnerAnswer
{
    /// <summary>Throws unless there is one vector an input.</summary>
    /// <exception cref="InvalidOperationException">There are more or fewer.</exception>
    public static void EnsureCount(GeneratedEmbeddings<Embedding<float>> embeddings, int inputs)
    {
        if (embeddings.Count != inputs)
            throw new InvalidOperationException($"the inner generator gave {embeddings.Count} vectors for {inputs} inputs. It must give one vector an input.");
    }
}
