using System.Text.Json.Nodes;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Modules;

/// <summary>What a damaged or foreign module folder gives: an error that names the file, the field and what is supported.</summary>
public class ModuleFolderTests
{
    [Theory]
    [InlineData("2_Dense/config.json", "in_features", "47", "in_features is 47, but the module before gives 48 numbers")]
    [InlineData("2_Dense/config.json", "in_features", "null", "in_features is missing, but the module before gives 48 numbers")]
    [InlineData("2_Dense/config.json", "out_features", "0", "out_features is 0. It must be at least 1")]
    [InlineData("2_Dense/config.json", "out_features", "31", "2_Dense/model.safetensors: tensor 'linear.weight' has shape [32, 48], but config.json says [31, 48]")]
    [InlineData("2_Dense/config.json", "out_features", "\"many\"", "2_Dense/config.json: field $.out_features")]
    [InlineData("4_Dense/config.json", "bias", "true", "4_Dense/model.safetensors: tensor 'linear.bias' is missing (the file has linear.weight)")]
    [InlineData("3_LayerNorm/config.json", "dimension", "33", "dimension is 33, but the module before gives 32 numbers")]
    public void A_wrong_field_is_named(string file, string field, string value, string message)
    {
        using var folder = new ReferenceCopy("st6-dialect");
        Set(folder, file, field, value);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2_Dense/config.json", "activation_function", "\"torch.nn.modules.activation.Wavy\"", "activation_function is 'torch.nn.modules.activation.Wavy'; supported: Identity, Tanh")]
    [InlineData("2_Dense/config.json", "module_input_name", "\"token_embeddings\"", "the module works on 'token_embeddings'; supported: sentence_embedding")]
    [InlineData("5_Normalize/config.json", "module_output_name", "\"token_embeddings\"", "the module works on 'token_embeddings'; supported: sentence_embedding")]
    public void What_is_not_built_is_refused_with_what_is(string file, string field, string value, string message)
    {
        using var folder = new ReferenceCopy("st6-dialect");
        Set(folder, file, field, value);
        Assert.Contains(message, Assert.Throws<NotSupportedException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_is_not_built_is_named_with_those_that_are()
    {
        using var folder = new ReferenceCopy("st6-dialect");
        folder.Replace("modules.json", "sentence_transformers.sentence_transformer.modules.layer_norm.LayerNorm", "sentence_transformers.models.CNN");
        string message = Assert.Throws<NotSupportedException>(() => LocalTextModel.Load(folder.Folder)).Message;
        Assert.Contains("'3_CNN' is of type 'CNN'; supported after the encoder: Dense, LayerNorm, Normalize, Dropout", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2_Dense/config.json"), InlineData("2_Dense/model.safetensors"), InlineData("3_LayerNorm/model.safetensors")]
    public void A_missing_file_is_named(string file)
    {
        using var folder = new ReferenceCopy("st6-dialect");
        folder.Delete(file);
        Assert.Contains($"{file} is missing", Assert.Throws<FileNotFoundException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_weights_are_named()
    {
        using var folder = new ReferenceCopy("st6-dialect");
        folder.Cut("2_Dense/model.safetensors");
        Assert.Contains("model.safetensors", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_only_a_pickle_are_refused_with_what_to_do()
    {
        using var folder = new ReferenceCopy("distilbert-mean");
        folder.Delete("2_Dense/model.safetensors");
        string message = Assert.Throws<NotSupportedException>(() => LocalTextModel.Load(folder.Folder)).Message;
        Assert.Contains("2_Dense/pytorch_model.bin: the module's weights are a PyTorch pickle; supported: model.safetensors", message, StringComparison.Ordinal);
    }

    // The steps of a folder and their results; Dropout changes nothing when a model is used.
    [Fact]
    public void Dropout_changes_nothing()
    {
        using var folder = new ReferenceCopy("distilbert-mean");
        folder.Replace("modules.json", "sentence_transformers.models.Dense", "sentence_transformers.models.Dropout");
        using LocalTextModel model = LocalTextModel.Load(folder.Folder);
        TextTrace trace = model.Trace(["some text"]);
        Assert.Equal(["1_Pooling", "2_Dropout"], trace.Modules.Select(module => module.Key));
        Assert.Equal(trace.Modules[0].Value, trace.Modules[1].Value);
    }

    private static void Set(ReferenceCopy folder, string file, string field, string value)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(folder.PathOf(file)))!.AsObject();
        json[field] = JsonNode.Parse(value);
        folder.Write(file, json.ToJsonString());
    }
}
