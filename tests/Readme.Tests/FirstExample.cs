using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal;

namespace Polymodal.Readme.Tests;

/// <summary>The first example of README.md, so that it compiles and runs. <see cref="ReadmeTests"/> compares the lines between the marks with it.</summary>
internal static class FirstExample
{
    public static async Task RunAsync()
    {
        // README begins
        var services = new ServiceCollection().AddSentenceTransformersTextEmbeddings().BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

        var passages = await generator.GenerateDocumentsAsync(["Bread bakes at 230 °C.", "Drones leave the hive in autumn."]);
        var question = await generator.GenerateQueryAsync("How hot must the oven be?");
        var best = Similarity.TopK(question, passages, k: 1)[0];
        Console.WriteLine($"passage {best.Index}, score {best.Score:0.00}");
        // README ends
    }
}
