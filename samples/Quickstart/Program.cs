using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Multimodal;

namespace Polymodal.Samples.Quickstart;

/// <summary>Text, pictures and sound in five steps, offline, with the models that ship.</summary>
public static class Program
{
    private static readonly string Media = Path.Combine(AppContext.BaseDirectory, "media");

    /// <summary>Prints what each step gives.</summary>
    public static Task Main() => RunAsync(Console.Out);

    /// <summary>The five steps.</summary>
    /// <param name="output">Where to print.</param>
    public static async Task RunAsync(TextWriter output)
    {
        // Every framework is a line here; CLIP instead of timm is AddClipEmbeddings(o => o.ModelPath = "…"), and pictures then compare with texts.
        await using ServiceProvider services = new ServiceCollection()
            .AddSentenceTransformersTextEmbeddings()
            .AddTimmImageEmbeddings()
            .AddWhisperAudioEmbeddings()
            .AddMultimodalEmbeddings(m => m.Text("sentence-transformers").Image("timm").Audio("whisper"))
            .BuildServiceProvider();
        var generator = services.GetRequiredService<MultimodalEmbeddingGenerator>();

        // 1. Text: one, many, and how near two are.
        Embedding<float> text = await generator.GenerateAsync("How do I reset a forgotten password?");
        GeneratedEmbeddings<Embedding<float>> texts = await generator.GenerateAsync(["What is the capital of Australia?", "How do you play chess castling?"]);
        output.WriteLine($"1 text: {text.Vector.Length} numbers; {texts.Count} texts at once");
        await CompareAsync("text and text", "What is the capital of Australia?", "Canberra, not Sydney, is the seat of the Australian government.");

        // 2. Pictures: from a file, from bytes, many.
        Embedding<float> picture = await generator.GenerateFromFileAsync(PathOf("cat.jpg"));
        Embedding<float> bytes = await generator.GeneratePictureAsync(await File.ReadAllBytesAsync(PathOf("cat.jpg")));
        GeneratedEmbeddings<Embedding<float>> pictures = await generator.GenerateFromFilesAsync([PathOf("cat.jpg"), PathOf("raccoon.jpg"), PathOf("flower.jpg")]);
        output.WriteLine($"1 picture: {picture.Vector.Length} numbers; {pictures.Count} pictures at once; file and bytes agree: {Number(generator.Compare(picture, bytes))}");
        await CompareAsync("picture and picture", FileOf("cat.jpg"), FileOf("raccoon.jpg"));

        // 3. Sounds: any rate and any number of channels.
        Embedding<float> sound = await generator.GenerateFromFileAsync(PathOf("flite-slt-00.wav"));
        GeneratedEmbeddings<Embedding<float>> sounds = await generator.GenerateFromFilesAsync([PathOf("flite-slt-00.wav"), PathOf("flite-slt-01.wav"), PathOf("flite-rms-00.wav")]);
        output.WriteLine($"1 sound: {sound.Vector.Length} numbers; {sounds.Count} sounds at once");
        await CompareAsync("sound and sound", FileOf("flite-slt-00.wav"), FileOf("flite-rms-00.wav"));

        // 4. All of them in one list: each says which space it is of, and a similarity is given only where it means something.
        GeneratedEmbeddings<Embedding<float>> mixed = await generator.GenerateAsync(["A cat looks at you", FileOf("cat.jpg"), "A flower in the sun", FileOf("flower.jpg"), FileOf("flite-slt-00.wav")]);
        foreach (Embedding<float> vector in mixed)
            output.WriteLine($"  {vector.Vector.Length} numbers of {EmbeddingSpace.SpaceIdOf(vector)}");
        await CompareAsync("text and picture", "A cat looks at you", FileOf("cat.jpg"));
        await CompareAsync("picture and sound", FileOf("cat.jpg"), FileOf("flite-slt-00.wav"));
        await CompareAsync("text and sound", "A fox jumps over a dog", FileOf("flite-slt-00.wav"));

        // 5. Which frameworks can be used here, and why not. Whatever is registered is listed; nothing of it is loaded or called.
        await using ServiceProvider all = new ServiceCollection()
            .AddSentenceTransformersTextEmbeddings().AddStellaTextEmbeddings().AddOpenAITextEmbeddings().AddGeminiTextEmbeddings()
            .AddTimmImageEmbeddings().AddClipImageEmbeddings().AddWhisperAudioEmbeddings().AddWav2Vec2AudioEmbeddings()
            .BuildServiceProvider();
        foreach (IGrouping<EmbeddingModality, EmbeddingFramework> kind in all.GetServices<EmbeddingFramework>().GroupBy(framework => framework.Modality))
        {
            output.WriteLine($"Frameworks of {kind.Key}:");
            foreach (EmbeddingFramework framework in kind)
                output.WriteLine($"  {framework.Name}: {(framework.Detect() is { IsAvailable: false } missing ? $"not available, {missing.Reason}" : "available")}");
        }

        async Task CompareAsync(string what, MultimodalInput first, MultimodalInput second)
        {
            try
            {
                MultimodalSimilarity near = await generator.CompareAsync(first, second);
                output.WriteLine($"{what}: {Number(near.Score)}");
            }
            catch (EmbeddingSpaceMismatchException refused)
            {
                output.WriteLine($"{what}: refused. {refused.Message}");
            }
        }
    }

    private static string PathOf(string file) => Path.Combine(Media, file);

    private static FileInfo FileOf(string file) => new(PathOf(file));

    private static string Number(float score) => score.ToString("0.0000", CultureInfo.InvariantCulture);
}
