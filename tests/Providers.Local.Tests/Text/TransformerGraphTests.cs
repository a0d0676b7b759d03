using System.Text;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Text;

/// <summary>What a graph may ask for and give, and where it may keep its tensors.</summary>
public class TransformerGraphTests
{
    [Theory]
    [InlineData("token_type_ids", "token_type_idz", "the graph wants input 'token_type_idz' (Int64); supplied: input_ids, attention_mask, token_type_ids, position_ids, pool_mask, task_id")]
    [InlineData("last_hidden_state", "last_hidden_stage", "the outputs are 'last_hidden_stage'; supported: last_hidden_state, token_embeddings, sentence_embedding")]
    public void A_name_that_is_not_known_is_refused_with_those_that_are(string name, string other, string message)
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        Rename(folder.PathOf("onnx/model.onnx"), name, other);
        Assert.Contains(message, Assert.Throws<NotSupportedException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transformer_without_pooling_is_refused()
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        folder.Write("modules.json", """[{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]""");
        Assert.Contains("'Normalize' follows '0_Transformer', whose output 'last_hidden_state' has a vector a token; supported: Pooling",
            Assert.Throws<NotSupportedException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.bin"), InlineData("/etc/hostname"), InlineData("../../../outside.bin")]
    public void Tensors_outside_of_the_folder_are_refused_before_anything_is_opened(string location)
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        // A location is relative to the ONNX file, which lies one folder down.
        string written = location.StartsWith("../outside", StringComparison.Ordinal) ? "../" + location : location;
        File.WriteAllBytes(folder.PathOf("onnx/model.onnx"), WithExternalTensor(written));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Folder));
        Assert.Contains($"onnx/model.onnx: external_data.location is '{written}', which lies outside of the model folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_of_tensors_is_named()
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        File.WriteAllBytes(folder.PathOf("onnx/model.onnx"), WithExternalTensor("model.onnx_data"));
        Assert.Equal(["model.onnx_data"], OnnxExternalData.Locations(folder.PathOf("onnx/model.onnx")));
        Assert.Contains("onnx/model.onnx_data is missing", Assert.Throws<FileNotFoundException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_holds_its_tensors_itself_has_no_locations() =>
        Assert.Empty(OnnxExternalData.Locations(Path.Combine(Repository.Reference("text/bert-mean-normalize"), "onnx", "model.onnx")));

    [Fact]
    public void The_adapter_of_an_intent_is_the_place_of_its_name()
    {
        string[] adapters = ["retrieval.query", "retrieval.passage", "separation", "classification", "text-matching"];
        Assert.Equal([0, 1, 4, 3, 2], Enum.GetValues<EmbeddingIntent>().Select(intent => TaskNames.Adapter(adapters, intent)));
        Assert.Equal(4, TaskNames.Adapter(adapters, intent: null));
        Assert.Equal(0, TaskNames.Adapter(adapters: null, EmbeddingIntent.Clustering));
    }

    [Theory]
    [InlineData("fp16", "onnx/model_fp16.onnx")]
    [InlineData("int8", "onnx/model_quantized.onnx")]
    [InlineData("onnx/model_int32_inputs.onnx", "onnx/model_int32_inputs.onnx")]
    public void Weights_are_found_by_the_names_exporters_use(string weights, string file) =>
        Assert.Equal(file, ModelWeights.Parse(weights).FindIn(new ModelFolder(Repository.Reference("text/onnx-variants"))));

    [Fact]
    public void Automatic_weights_take_what_is_there()
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        Assert.Equal("onnx/model.onnx", ModelWeights.Auto.FindIn(new ModelFolder(folder.Folder)));
        File.Move(folder.PathOf("onnx/model.onnx"), folder.PathOf("onnx/model_q4.onnx"));
        Assert.Equal("onnx/model_q4.onnx", ModelWeights.Auto.FindIn(new ModelFolder(folder.Folder)));
        Assert.Contains("onnx/model_fp16.onnx", Assert.Throws<FileNotFoundException>(() => ModelWeights.Float16.FindIn(new ModelFolder(folder.Folder))).Message, StringComparison.Ordinal);
    }

    // Same length, so that the file's own lengths stay right.
    private static void Rename(string file, string name, string other)
    {
        byte[] bytes = File.ReadAllBytes(file), from = Encoding.ASCII.GetBytes(name), to = Encoding.ASCII.GetBytes(other);
        Assert.Equal(from.Length, to.Length);
        for (int place = bytes.AsSpan().IndexOf(from); place >= 0; place = bytes.AsSpan().IndexOf(from))
            to.CopyTo(bytes, place);
        File.WriteAllBytes(file, bytes);
    }

    // ModelProto.graph (7) → GraphProto.initializer (5) → TensorProto.external_data (13) → key (1), value (2).
    private static byte[] WithExternalTensor(string location) =>
        Field(7, Field(5, [.. Field(8, "weight"u8), .. Field(13, [.. Field(1, "location"u8), .. Field(2, Encoding.UTF8.GetBytes(location))]), 14 << 3, 1]));

    private static byte[] Field(int number, ReadOnlySpan<byte> content) => [(byte)((number << 3) | 2), (byte)content.Length, .. content];
}
