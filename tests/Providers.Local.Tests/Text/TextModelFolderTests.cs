using System.Text.Json.Nodes;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Text;

/// <summary>What a damaged or foreign model folder gives: an error that names the file and the field, never a wrong vector.</summary>
public class TextModelFolderTests
{
    [Fact]
    public void A_missing_folder_is_named() =>
        Assert.Contains("no-such-model", Assert.Throws<DirectoryNotFoundException>(() => LocalTextModel.Load("no-such-model")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("modules.json", "modules.json is missing")]
    [InlineData("tokenizer.json", "has no tokenizer.json")]
    [InlineData("1_Pooling/config.json", "1_Pooling/config.json is missing")]
    [InlineData("onnx/model.onnx", "onnx/model.onnx")]
    public void A_missing_file_is_named(string file, string message)
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        folder.Delete(file);
        Assert.Contains(message, Assert.Throws<FileNotFoundException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("modules.json")]
    [InlineData("config.json")]
    [InlineData("sentence_bert_config.json")]
    [InlineData("config_sentence_transformers.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("1_Pooling/config.json")]
    public void A_cut_empty_or_wrong_file_is_named(string file)
    {
        foreach (string? content in new[] { null, "", "null", "42", "\"text\"", "{\"a\":", "\0\0\0\0" })
        {
            using var folder = new ReferenceCopy("bert-mean-normalize");
            if (content is null)
                folder.Cut(file);
            else
                folder.Write(file, content);
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Folder));
            Assert.Contains(Path.GetFileName(file), error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sentence_bert_config.json", "max_seq_length", "\"long\"", "field $.max_seq_length: Cannot get the value of a token type 'String' as a number.")]
    [InlineData("sentence_bert_config.json", "max_seq_length", "0", "max_seq_length is 0")]
    [InlineData("sentence_bert_config.json", "max_seq_length", "-5", "max_seq_length is -5")]
    [InlineData("sentence_bert_config.json", "do_lower_case", "\"yes\"", "field $.do_lower_case: Cannot get the value of a token type 'String' as a boolean.")]
    [InlineData("1_Pooling/config.json", "word_embedding_dimension", "null", "word_embedding_dimension is missing")]
    [InlineData("1_Pooling/config.json", "word_embedding_dimension", "0", "word_embedding_dimension is 0")]
    [InlineData("1_Pooling/config.json", "pooling_mode", "7", "pooling_mode is Number")]
    [InlineData("tokenizer_config.json", "truncation_side", "\"top\"", "truncation_side is 'top'; known: right, left")]
    [InlineData("tokenizer_config.json", "padding_side", "\"top\"", "padding_side is 'top'; known: right, left")]
    [InlineData("tokenizer_config.json", "pad_token", "\"[NOPE]\"", "pad_token is '[NOPE]', which tokenizer.json does not have")]
    [InlineData("config_sentence_transformers.json", "default_prompt_name", "\"query\"", "default_prompt_name is 'query', which prompts does not have (it has none)")]
    public void A_wrong_field_is_named(string file, string field, string value, string message)
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        Set(folder, file, field, value);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1_Pooling/config.json", "pooling_mode", "\"median\"", "'median'; supported: cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken")]
    [InlineData("tokenizer_config.json", "truncation_side", "\"left\"", "truncation_side is 'left'; supported: right")]
    [InlineData("config_sentence_transformers.json", "similarity_fn_name", "\"hamming\"", "'hamming'; supported: cosine, dot, euclidean, manhattan")]
    public void What_is_not_built_is_refused_with_what_is(string file, string field, string value, string message)
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        Set(folder, file, field, value);
        Assert.Contains(message, Assert.Throws<NotSupportedException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dimensions_that_do_not_fit_the_graph_are_named_at_the_first_run()
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        Set(folder, "1_Pooling/config.json", "word_embedding_dimension", "31");
        using LocalTextModel model = LocalTextModel.Load(folder.Folder);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => model.Encode(["text"]));
        Assert.Contains("1_Pooling says 31 dimensions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_an_error_of_the_run_not_of_the_process()
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        File.Copy(Path.Combine(Repository.MiniLM, "tokenizer.json"), folder.PathOf("tokenizer.json"), overwrite: true);
        using LocalTextModel model = LocalTextModel.Load(folder.Folder);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => model.Encode(["philosophical zebras"]));
        Assert.Contains("tokenizer and configuration belong to this file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "512", "300", 300)]
    [InlineData(null, "200", "512", 200)]
    [InlineData(null, "1000000000000000019884624838656", "512", 512)]
    [InlineData("64", "200", "512", 64)]
    public void The_length_limit_is_read_in_the_librarys_order(string? maxSeqLength, string modelMaxLength, string positions, int expected)
    {
        using var folder = new ReferenceCopy("bert-mean-normalize");
        Set(folder, "sentence_bert_config.json", "max_seq_length", maxSeqLength ?? "null");
        Set(folder, "tokenizer_config.json", "model_max_length", modelMaxLength);
        Set(folder, "config.json", "max_position_embeddings", positions);
        using LocalTextModel model = LocalTextModel.Load(folder.Folder);
        Assert.Equal(expected, model.MaxTokens);
    }

    // Collections on disk carry these: another value makes every one of them unreadable.
    [Fact]
    public void The_space_of_the_model_that_ships_never_changes()
    {
        using LocalTextModel model = LocalTextModel.Load(Repository.MiniLM);
        Assert.Equal("all-MiniLM-L6-v2@1a26f78b20a3/384/cosine/unit", model.Space.SpaceId);
        Assert.Equal("8cce75e519ee7132e7376ba8fb5b236ebfb5a2b4e8566c2ed9dca92070daf4ed", model.Space.Fingerprint);
    }

    [Fact]
    public void Files_of_one_folder_share_a_space_and_other_folders_do_not()
    {
        using LocalTextModel exact = LocalTextModel.Load(Repository.MiniLM);
        using LocalTextModel quick = LocalTextModel.Load(Repository.MiniLM, new() { Weights = ModelWeights.Int8 });
        using LocalTextModel other = LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"));
        Assert.Equal(exact.Space.SpaceId, quick.Space.SpaceId);
        Assert.NotEqual(exact.Space.Fingerprint, quick.Space.Fingerprint);
        Assert.NotEqual(exact.Space.SpaceId, other.Space.SpaceId);
        using var changed = new ReferenceCopy("bert-mean-normalize");
        Set(changed, "1_Pooling/config.json", "pooling_mode", "\"cls\"");
        using LocalTextModel cls = LocalTextModel.Load(changed.Folder);
        Assert.NotEqual(other.Space.Fingerprint, cls.Space.Fingerprint);
    }

    private static void Set(ReferenceCopy folder, string file, string field, string value)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(folder.PathOf(file)))!.AsObject();
        json[field] = JsonNode.Parse(value);
        folder.Write(file, json.ToJsonString());
    }
}
