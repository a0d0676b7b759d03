using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Tests.Onnx;

public class OnnxBatchScaleTests
{
    [Theory]
    [InlineData("model.onnx", false), InlineData("model_fp16.onnx", false), InlineData("model_int32_inputs.onnx", false), InlineData("model_quantized.onnx", true), InlineData("model_uint8.onnx", true)]
    public void A_scale_for_the_whole_batch_is_read_from_the_graph(string file, bool spans) =>
        Assert.Equal(spans, OnnxBatchScale.Spans(Path.Combine(Repository.Reference("text/onnx-variants"), "onnx", file)));

    [Theory, InlineData("model.onnx"), InlineData("model_int8.onnx")]
    public void A_scale_for_each_token_or_for_the_weights_is_not_meant(string file) =>
        Assert.False(OnnxBatchScale.Spans(Repository.PathOf($"models/all-MiniLM-L6-v2/onnx/{file}")));

    [Theory]
    [InlineData(true, false, true), InlineData(false, false, false), InlineData(true, true, false)]
    public void Only_what_depends_on_the_inputs_counts(bool fromInput, bool stored, bool spans)
    {
        // x → DynamicQuantizeLinear, or w → DynamicQuantizeLinear, where w is no input; x may be a stored tensor listed as input.
        byte[] node = [.. Field(1, Text(fromInput ? "x" : "w")), .. Field(2, Text("y")), .. Field(4, Text("DynamicQuantizeLinear"))];
        byte[] graph = [.. Field(1, node), .. stored ? Field(5, Field(8, Text("x"))) : [], .. Field(11, Field(1, Text("x")))];
        Assert.Equal(spans, Spans(Field(7, graph)));
    }

    [Fact]
    public void Nodes_between_branches_and_functions_are_followed()
    {
        byte[] between = [.. Field(1, Text("x")), .. Field(2, Text("h")), .. Field(4, Text("Relu"))];
        byte[] quantize = [.. Field(1, Text("h")), .. Field(2, Text("y")), .. Field(4, Text("DynamicQuantizeLinear"))];
        byte[] input = Field(11, Field(1, Text("x")));
        Assert.True(Spans(Field(7, [.. Field(1, between), .. Field(1, quantize), .. input])));

        byte[] branch = [.. Field(1, Text("c")), .. Field(4, Text("If")), .. Field(5, Field(6, Field(1, quantize)))];
        Assert.True(Spans(Field(7, [.. Field(1, between), .. Field(1, branch), .. input])));

        byte[] call = [.. Field(1, Text("x")), .. Field(4, Text("Mine"))], function = [.. Field(1, Text("Mine")), .. Field(7, quantize)];
        Assert.True(Spans([.. Field(7, [.. Field(1, call), .. input]), .. Field(25, function)]));
        Assert.False(Spans(Field(7, [.. Field(1, call), .. input])));
    }

    [Fact]
    public void A_cut_file_is_refused_by_name() =>
        Assert.Contains("it may have been cut", Assert.Throws<InvalidDataException>(() => Spans([0x3a, 0x7f, 1])).Message, StringComparison.Ordinal);

    private static bool Spans(byte[] file)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            return OnnxBatchScale.Spans(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static byte[] Field(int number, byte[] content) => [.. Varint((number << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
