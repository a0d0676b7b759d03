using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal;
using Polymodal.Multimodal;

namespace Polymodal.Readme.Tests;

/// <summary>The multimodal example of README.md, so that it compiles and runs; see <see cref="ReadmeTests"/>.</summary>
internal static class MultimodalExample
{
    public static async Task RunAsync()
    {
        // README begins
        var services = new ServiceCollection().AddSentenceTransformersTextEmbeddings().AddTimmImageEmbeddings().AddMultimodalEmbeddings().BuildServiceProvider();
        var generator = services.GetRequiredService<MultimodalEmbeddingGenerator>();

        var vectors = await generator.GenerateAsync(["A cat looks at you", new FileInfo("models/media/photos/cat.jpg"), "A flower in the sun"]);
        Console.WriteLine(string.Join(", ", vectors.Select(vector => vector.Vector.Length)));

        var near = await generator.CompareAsync("A cat looks at you", "A kitten is watching");
        Console.WriteLine($"{near.Score:0.00}");
        try
        {
            await generator.CompareAsync("A cat looks at you", new FileInfo("models/media/photos/cat.jpg"));
        }
        catch (EmbeddingSpaceMismatchException refused)
        {
            Console.WriteLine(refused.Message);
        }

        // README ends
    }
}
