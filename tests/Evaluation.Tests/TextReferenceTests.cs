using Polymodal.Providers.Local.Models;

namespace Polymodal.Evaluation.Parity.Tests;

public sealed class TextReferenceTests
{
    // Both folders state abs 1e-5 and rel 1e-5 for every fraction.
    private const double Absolute = 1e-5, Relative = 1e-5;
    private static readonly string[] Given = ["quantized/embeddings", "quantized/ranges", "quantized/calibration_embeddings"];

    public static TheoryData<string> Names() => ["bert-mean-normalize", "e5-prompts", "mpnet-mean"];

    [Theory, MemberData(nameof(Names))]
    public void Every_recorded_tensor_has_a_row_that_fails_when_the_tensor_changes_by_more_than_its_tolerance(string name)
    {
        using var copy = new ReferenceCopy(name);
        string[] compared = Change(copy, (value, isWhole) => isWhole ? value + 1 : value + (2.5 * Bound(value)));
        ParityRow[] rows = Compare(copy);
        Assert.Equal(compared.Order(StringComparer.Ordinal), rows.Where(row => row.Verdict == ParityVerdict.Fail).Select(row => $"{row.Case}/{row.Tensor}").Order(StringComparer.Ordinal));
        Assert.All(rows.Where(row => row.Verdict != ParityVerdict.Fail), row => Assert.Equal("prompt_length", row.Tensor));
    }

    [Theory, MemberData(nameof(Names))]
    public void Changes_below_the_tolerance_pass(string name)
    {
        using var copy = new ReferenceCopy(name);
        Change(copy, (value, isWhole) => isWhole ? value : value + (0.5 * Bound(value)));
        Assert.All(Compare(copy), row => Assert.Equal(ParityVerdict.Pass, row.Verdict));
    }

    [Fact]
    public void Hidden_states_at_padding_are_not_looked_at_and_all_others_are()
    {
        const int Hidden = 24;
        using var copy = new ReferenceCopy("e5-prompts");
        long[] mask = SafeTensors.Read(copy.Tensors).Integers("prompt-query/attention_mask");
        int[] padding = [.. Enumerable.Range(0, mask.Length).Where(token => mask[token] == 0)];
        Assert.NotEmpty(padding);
        var tensors = new TensorFile(copy.Tensors);
        foreach (int token in padding)
            tensors.Change("prompt-query/last_hidden_state", (token * Hidden) + (token % Hidden), _ => double.NaN);
        tensors.Save();
        Assert.Equal(ParityVerdict.Pass, HiddenState(copy).Verdict);

        foreach (int token in (int[])[0, Array.FindLastIndex(mask, value => value == 1)])
        {
            tensors.Change("prompt-query/last_hidden_state", (token * Hidden) + Hidden - 1, value => value + 1e-3);
            tensors.Save();
            Assert.Equal(ParityVerdict.Fail, HiddenState(copy).Verdict);
            tensors.Change("prompt-query/last_hidden_state", (token * Hidden) + Hidden - 1, value => value - 1e-3);
        }
    }

    [Fact]
    public void Recorded_length_of_a_prompt_is_compared()
    {
        using var copy = new ReferenceCopy("e5-prompts");
        copy.Replace("reference.json", "\"prompt_length\": 12", "\"prompt_length\": 13");
        ParityRow row = Assert.Single(Compare(copy), row => row.Verdict == ParityVerdict.Fail);
        Assert.Equal(("prompt-custom", "prompt_length"), (row.Case, row.Tensor));
    }

    [Theory]
    [InlineData("\"id\": \"truncated\",", "\"id\": \"truncated\", \"layer\": 3,", "option 'layer' is not built")]
    [InlineData("\"sentence_embedding_normalized\"", "\"sentence_embedding_sparse\"", "no step gives it; built: 1_Pooling, 2_Normalize")]
    public void Case_that_needs_what_is_not_built_says_so_and_the_others_run(string old, string @new, string reason)
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        copy.Replace("reference.json", old, @new);
        ParityRow[] rows = Compare(copy);
        ParityRow row = Assert.Single(rows, row => row.Verdict != ParityVerdict.Pass);
        Assert.Equal(("truncated", ParityVerdict.NotSupported), (row.Case, row.Verdict));
        Assert.Contains(reason, row.Note, StringComparison.Ordinal);
        Assert.True(rows.Length > 15);
    }

    [Fact]
    public void Tensor_without_a_rule_fails()
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        copy.Replace("reference.json", "\"compare\":", "\"compared\":");
        Assert.All(Compare(copy), row => Assert.Equal(row.SmallestCosine is null && row.LargestDifference == 0 ? ParityVerdict.Pass : ParityVerdict.Fail, row.Verdict));
        Assert.Contains(Compare(copy), row => row.Verdict == ParityVerdict.Fail);
    }

    [Fact]
    public void Tensor_that_is_announced_and_not_recorded_is_a_damaged_record()
    {
        using var copy = new ReferenceCopy("mpnet-mean");
        File.Copy(Repository.Reference("text/bert-cls/reference.safetensors"), copy.Tensors, overwrite: true);
        copy.Replace("reference.json", "\"sentence_embedding_normalized\"", "\"2_Normalize\"");
        using ParityRun run = ParityRun.Open(copy.Json);
        string message = Assert.Throws<InvalidDataException>(() => run.Cases.Single(c => c.Id == "truncated").Compare()).Message;
        Assert.Contains("case 'truncated'", message, StringComparison.Ordinal);
        Assert.Contains("truncated/2_Normalize", message, StringComparison.Ordinal);
        Assert.Contains(copy.Json, message, StringComparison.Ordinal);
    }

    private static double Bound(double value) => Absolute + (Relative * Math.Abs(value));

    /// <summary>Changes one number of every tensor that is compared, at a real token where it matters; gives their names.</summary>
    private static string[] Change(ReferenceCopy copy, Func<double, bool, double> change)
    {
        SafeTensors recorded = SafeTensors.Read(copy.Tensors);
        var tensors = new TensorFile(copy.Tensors);
        string[] names = [.. tensors.Names.Where(name => !name.EndsWith(".sample_index", StringComparison.Ordinal) && !Given.Contains(name))];
        foreach (string name in names)
            tensors.Change(name, RealPlace(recorded, name), value => change(value, recorded.IsInteger(name)));
        tensors.Save();
        return names;
    }

    // The last number, or of a hidden state the last one that belongs to a token and not to padding.
    private static int RealPlace(SafeTensors tensors, string name)
    {
        int count = tensors.Shape(name).Aggregate(1, (product, axis) => product * axis);
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (!name[(slash + 1)..].StartsWith("last_hidden_state", StringComparison.Ordinal))
            return count - 1;
        long[] mask = tensors.Integers($"{name[..slash]}/attention_mask");
        int hidden = tensors.Shape($"{name[..slash]}/1_Pooling")[^1];
        long[] places = tensors.Has($"{name}_index") ? tensors.Integers($"{name}_index") : [.. Enumerable.Range(0, count).Select(place => (long)place)];
        return Array.FindLastIndex(places, place => mask[place / hidden] == 1);
    }

    private static ParityRow[] Compare(ReferenceCopy copy)
    {
        using ParityRun run = ParityRun.Open(copy.Json);
        return [.. run.Cases.SelectMany(c => c.Compare())];
    }

    private static ParityRow HiddenState(ReferenceCopy copy)
    {
        using ParityRun run = ParityRun.Open(copy.Json);
        return run.Cases.Single(c => c.Id == "prompt-query").Compare().Single(row => row.Tensor == "last_hidden_state");
    }
}
