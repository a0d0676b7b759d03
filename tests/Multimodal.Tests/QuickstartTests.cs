using System.Globalization;
using System.Text.Json;
using Polymodal.Evaluation.Parity;
using Polymodal.Samples.Quickstart;

namespace Polymodal.Multimodal.Tests;

/// <summary>The sample runs, and says what the reference libraries recorded; where they would compare unrelated spaces it refuses.</summary>
public class QuickstartTests
{
    [Fact]
    public async Task Similarities_of_one_space_equal_the_recorded_ones_and_others_are_refused()
    {
        using var output = new StringWriter();
        await Program.RunAsync(output);
        string[] lines = output.ToString().ReplaceLineEndings("\n").Split('\n');

        Assert.Equal("1 text: 384 numbers; 2 texts at once", lines[0]);
        using (JsonDocument recorded = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.PathOf("models/all-MiniLM-L6-v2/reference.json"))))
        {
            JsonElement pair = recorded.RootElement.GetProperty("similarities").EnumerateArray().Single(pair => pair.GetProperty("a").GetString() == "What is the capital of Australia?");
            Assert.Equal(pair.GetProperty("model").GetDouble(), Score("text and text"), 2e-4); // 1e-4 and four decimals
        }

        Assert.Contains("1 picture: 1280 numbers; 3 pictures at once; file and bytes agree: 1.0000", lines);
        Assert.Equal(Recorded("tf_efficientnet_lite0.in1k", "cat/pooler_output", "raccoon/pooler_output"), Score("picture and picture"), 2e-3);
        Assert.Contains("1 sound: 384 numbers; 3 sounds at once", lines);
        Assert.Equal(Recorded("whisper-tiny.en", "flite-slt-00/mean_valid", "flite-rms-00/mean_valid"), Score("sound and sound"), 2e-3);

        string[] spaces = [.. lines.Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line.Contains(" numbers of ", StringComparison.Ordinal))];
        Assert.Equal([384, 1280, 384, 1280, 384], spaces.Select(line => int.Parse(line.Trim().Split(' ')[0], CultureInfo.InvariantCulture)));
        Assert.Equal(3, spaces.Distinct().Count()); // the text's 384 and the sound's are not the same
        foreach (string unrelated in new[] { "text and picture", "picture and sound", "text and sound" })
        {
            string line = lines.Single(line => line.StartsWith($"{unrelated}: ", StringComparison.Ordinal));
            Assert.StartsWith($"{unrelated}: refused. Vectors of '", line, StringComparison.Ordinal);
            Assert.Contains("What would do:", line, StringComparison.Ordinal);
        }

        Assert.Contains("  sentence-transformers: available", lines);
        Assert.Contains("  whisper: available", lines);
        Assert.Contains(lines, line => line.StartsWith("  clip: not available, openai/clip-vit-base-patch32 is not at ", StringComparison.Ordinal));

        double Score(string what) => double.Parse(lines.Single(line => line.StartsWith($"{what}: ", StringComparison.Ordinal))[(what.Length + 2)..], CultureInfo.InvariantCulture);
    }

    private static double Recorded(string model, string first, string second)
    {
        Reference reference = Reference.Read(Repository.PathOf($"models/{model}/reference.json"));
        return Similarity.Of(reference.Tensors!.Floats(first), reference.Tensors.Floats(second));
    }
}
