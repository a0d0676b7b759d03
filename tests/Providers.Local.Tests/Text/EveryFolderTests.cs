using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Text;

/// <summary>What holds for every model folder, whatever is in it.</summary>
public class EveryFolderTests
{
    private const float Bound = 1e-5f;

    public static TheoryData<string> Folders =>
    [
        .. Directory.EnumerateDirectories(Repository.Reference("text")).Where(folder => File.Exists(Path.Combine(folder, "onnx", "model.onnx"))).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal),
    ];

    [Theory, MemberData(nameof(Folders))]
    public void A_text_has_one_vector_alone_batched_and_shuffled(string folder)
    {
        string[] texts = Texts(folder);
        float[][] alone;
        using (LocalTextModel model = Load(folder, tokensPerRun: 512))
            alone = [.. texts.Select(text => model.Encode([text]).Vectors[0])];
        int[] order = [.. Enumerable.Range(0, texts.Length)];
        new Random(11).Shuffle(order);
        foreach (int tokensPerRun in (int[])[64, 1_048_576])
        {
            using LocalTextModel model = Load(folder, tokensPerRun);
            float[][] shuffled = model.Encode([.. order.Select(text => texts[text])]).Vectors;
            for (int i = 0; i < order.Length; i++)
                Assert.Equal(alone[order[i]], shuffled[i], (left, right) => Math.Abs(left - right) <= Bound + (Bound * Math.Abs(left)));
        }
    }

    [Fact]
    public void One_text_a_run_gives_dynamic_int8_the_vector_of_the_text_alone()
    {
        string folder = Repository.Reference("text/onnx-variants");
        string[] texts = Texts("onnx-variants");
        var weights = ModelWeights.Parse("int8");
        using LocalTextModel single = LocalTextModel.Load(folder, new() { Weights = weights, OneTextPerRun = true });
        using LocalTextModel merged = LocalTextModel.Load(folder, new() { Weights = weights, TokensPerRun = 1_048_576 });
        float[][] alone = [.. texts.Select(text => single.Encode([text]).Vectors[0])];
        Assert.Equal(alone, single.Encode(texts).Vectors);
        Assert.NotEqual(alone, merged.Encode(texts).Vectors);
    }

    private static LocalTextModel Load(string folder, int tokensPerRun) => LocalTextModel.Load(Repository.Reference($"text/{folder}"), new() { TokensPerRun = tokensPerRun });

    private static string[] Texts(string folder)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Reference($"text/{folder}"), "reference.json")));
        return [.. json.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetProperty("text").GetString()!)];
    }
}
