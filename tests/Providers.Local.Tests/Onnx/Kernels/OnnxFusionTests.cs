using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Onnx.Kernels;

namespace Polymodal.Providers.Local.Tests.Onnx.Kernels;

public sealed class OnnxFusionTests : IDisposable
{
    private static readonly float[] Gamma = Numbers(TinyGraph.Width, 1), Beta = Numbers(TinyGraph.Width, 2), Matrix = Numbers(TinyGraph.Width * TinyGraph.Width, 3);
    private readonly string _folder = Directory.CreateTempSubdirectory("polymodal-fusion-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("all-MiniLM-L6-v2/onnx/model.onnx", "LayerNormalization 13, Gelu 6")]
    [InlineData("all-MiniLM-L6-v2/onnx/model_int8.onnx", "LayerNormalization 13, Gelu 6, ScaleAndShift 30, Quantize 24")]
    [InlineData("whisper-tiny.en/onnx/encoder_model.onnx", "LayerNormalization 9, Gelu 6")]
    public void What_takes_the_time_of_real_models_is_replaced(string file, string operators) =>
        Assert.Equal(operators, Operators(Path.Combine(Repository.Root, "models", file)));

    [Theory, InlineData(-1, true), InlineData(2, false), InlineData(1, false)]
    public void Layer_normalisation_over_the_last_axis_is_replaced(int axis, bool isReplaced)
    {
        var graph = new TinyGraph().Stored("gamma", axis == 1 ? Ones : Gamma).Node("LayerNormalization", "x gamma", "y", ("axis", axis), ("epsilon", 1e-3f));
        if (axis == 1)
            graph = new TinyGraph().Stored("gamma", 1).Node("LayerNormalization", "x gamma", "y", ("axis", axis), ("epsilon", 1e-3f));
        AssertSame(graph.Write(_folder, "y"), isReplaced ? "LayerNormalization 1" : "");
    }

    [Theory, InlineData(1, false), InlineData(2, false), InlineData(1, true), InlineData(2, true)]
    public void Layer_normalisation_written_out_is_replaced(int differences, bool squaresByProduct)
    {
        TinyGraph graph = WrittenOut(differences, squaresByProduct);
        AssertSame(graph.Write(_folder, "y"), "LayerNormalization 1");
    }

    [Fact]
    public void What_another_node_an_output_or_a_graph_within_takes_is_left()
    {
        AssertSame(WrittenOut(1, false).Write(_folder, "y", "d0"), "");
        AssertSame(WrittenOut(1, false).Node("Neg", "square", "other").Write(_folder, "y", "other"), "");
        TinyGraph within = WrittenOut(1, false).Truth("yes").If("yes", "other", TinyGraph.Field("Neg", "root", "branch"), TinyGraph.Field("Neg", "x", "branch"));
        AssertSame(within.Write(_folder, "y", "other"), "");
        AssertSame(Gelu("half last").Write(_folder, "y", "erf"), "");
        AssertSame(Gelu("half last").Write(_folder, "y", "v"), "Gelu 1");
    }

    [Theory, InlineData("half last"), InlineData("half first"), InlineData("product"), InlineData("no bias")]
    public void Gelu_is_replaced_in_all_its_forms(string form) => AssertSame(Gelu(form).Write(_folder, "y"), "Gelu 1");

    [Theory, InlineData("none", "Gelu 1"), InlineData("tanh", "")]
    public void Gelu_in_one_node_is_replaced_unless_it_is_the_approximate_one(string approximate, string operators)
    {
        TinyGraph graph = new TinyGraph(opset: 20).Stored("m", Matrix).Stored("bias", Beta)
            .Node("MatMul", "x m", "p").Node("Add", "p bias", "v").Node("Gelu", "v", "y", ("approximate", approximate));
        AssertSame(graph.Write(_folder, "y"), operators);
    }

    [Fact]
    public void Nothing_to_replace_means_the_file_itself() =>
        Assert.Null(OnnxFusion.Apply(new TinyGraph().Node("Neg", "x", "y").Write(_folder, "y")));

    [Theory, InlineData("LayerNormalization"), InlineData("ReduceMean"), InlineData("Erf"), InlineData("QuantizeLinear"), InlineData("Mul")]
    public void A_node_that_lacks_what_it_needs_is_an_error_that_names_the_file(string op)
    {
        string file = new TinyGraph().Stored("gamma", Gamma).Node(op, "", "y").Write(_folder, "y");
        Assert.Contains("tiny.onnx", Assert.Throws<InvalidDataException>(() => OnnxModel.Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Graphs_within_graphs_without_end_are_an_error()
    {
        byte[] inner = TinyGraph.Field("Neg", "x", "branch");
        for (int level = 0; level < 300; level++)
            inner = TinyGraph.IfField("yes", "branch", inner, TinyGraph.Field("Neg", "x", "branch"));
        string file = new TinyGraph().Truth("yes").If("yes", "y", inner, TinyGraph.Field("Neg", "x", "branch")).Write(_folder, "y");
        Assert.Throws<InvalidDataException>(() => OnnxModel.Load(file));
    }

    private static float[] Ones => [.. Enumerable.Repeat(1f, TinyGraph.Width)];

    private static TinyGraph WrittenOut(int differences, bool squaresByProduct)
    {
        var graph = new TinyGraph().Stored("gamma", Gamma).Stored("beta", Beta).Stored("two", 2).Stored("epsilon", 1e-3f).Node("ReduceMean", "x", "mean", ("axes", new[] { -1 }));
        for (int i = 0; i < differences; i++)
            graph.Node("Sub", "x mean", $"d{i}");
        string last = $"d{differences - 1}";
        return (squaresByProduct ? graph.Node("Mul", $"{last} {last}", "square") : graph.Node("Pow", $"{last} two", "square"))
            .Node("ReduceMean", "square", "variance", ("axes", new[] { -1 })).Node("Add", "variance epsilon", "sum").Node("Sqrt", "sum", "root")
            .Node("Div", "d0 root", "normal").Node("Mul", "normal gamma", "scaled").Node("Add", "beta scaled", "y");
    }

    private static TinyGraph Gelu(string form)
    {
        var graph = new TinyGraph().Stored("m", Matrix).Stored("bias", Beta).Stored("one", 1).Stored("half", 0.5f).Stored("root", MathF.Sqrt(2)).Stored("inverse", MathF.Sqrt(0.5f)).Node("MatMul", "x m", "p");
        graph = form == "no bias" ? graph.Node("Neg", "p", "v") : graph.Node("Add", "bias p", "v");
        graph = (form == "product" ? graph.Node("Mul", "inverse v", "inner") : graph.Node("Div", "v root", "inner")).Node("Erf", "inner", "erf").Node("Add", "erf one", "plus");
        return form == "half first"
            ? graph.Node("Mul", "v half", "v2").Node("Mul", "v2 plus", "y")
            : graph.Node("Mul", "v plus", "v2").Node("Mul", "v2 half", "y");
    }

    private void AssertSame(string file, string operators)
    {
        Assert.Equal(operators, Operators(file));
        using OnnxModel own = OnnxModel.Load(file), plain = OnnxModel.Load(file, new() { OwnOperators = false });
        foreach ((int a, int b) in ((int, int)[])[(1, 1), (2, 3), (3, 400), (0, 4)])
        {
            foreach (OnnxPort output in own.Outputs)
            {
                float[] wanted = Run(plain, output.Name, a, b), found = Run(own, output.Name, a, b);
                Assert.Equal(wanted.Length, found.Length);
                for (int i = 0; i < wanted.Length; i++)
                    Assert.Equal(wanted[i], found[i], 2e-5f);
            }
        }
    }

    private static float[] Run(OnnxModel model, string output, int a, int b)
    {
        float[] result = [];
        using var inputs = new OnnxInputs(model);
        inputs.Add("x", Numbers(a * b * TinyGraph.Width, 4), a, b, TinyGraph.Width);
        model.Run(inputs, output, (values, _) => result = values.ToArray());
        return result;
    }

    private string Operators(string file)
    {
        if (OnnxFusion.Apply(file) is not { } fused)
            return "";
        string path = Path.Combine(_folder, "fused.onnx");
        File.WriteAllBytes(path, fused);
        string found = "";
        ProtobufReader.Read(path, reader => found = string.Join(", ", OnnxGraph.Read(reader).Nodes.Where(node => node.Domain == OnnxKernels.Domain)
            .GroupBy(node => node.Operator).OrderBy(group => Array.IndexOf(["LayerNormalization", "Gelu", "ScaleAndShift", "Quantize"], group.Key)).Select(group => $"{group.Key} {group.Count()}")));
        return found;
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2))];
    }
}
