using System.Text.Json.Nodes;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Text;

/// <summary>HuggingFace folders without modules.json: what is read, what may be chosen and what is usual.</summary>
public class PlainFolderTests
{
    private static readonly string[] Text = ["a plain folder, pooled"];

    [Fact]
    public void A_folder_that_says_nothing_is_pooled_by_the_mean_and_not_scaled()
    {
        using ReferenceCopy folder = Plain("bert-mean-normalize");
        using LocalTextModel plain = LocalTextModel.Load(folder.Folder);
        Assert.Equal(Pooled("bert-mean-normalize", PoolingMode.Mean), plain.Encode(Text).Vectors[0]);
        Assert.False(plain.Space.IsNormalized);
        Assert.Equal(512, plain.MaxTokens);
    }

    [Fact]
    public void A_chosen_pooling_and_scaling_count_and_make_a_space_of_their_own()
    {
        using ReferenceCopy folder = Plain("bert-mean-normalize");
        using LocalTextModel usual = LocalTextModel.Load(folder.Folder);
        using LocalTextModel chosen = LocalTextModel.Load(folder.Folder, new() { Pooling = PoolingMode.Cls, Normalize = true });
        float[] expected = Pooled("bert-mean-normalize", PoolingMode.Cls);
        L2.Normalize(expected, expected.Length);
        Assert.Equal(expected, chosen.Encode(Text).Vectors[0]);
        Assert.True(chosen.Space.IsNormalized);
        Assert.NotEqual(usual.Space.SpaceId, chosen.Space.SpaceId);
    }

    [Fact]
    public void What_is_known_of_a_model_fills_only_what_the_folder_does_not_say()
    {
        var known = new LocalModel { Id = "some/model", Dimensions = 32, Pooling = PoolingMode.Max, Normalize = true, Prompts = new Dictionary<string, string> { ["query"] = "ask: ", ["extra"] = "more: " } };
        using (ReferenceCopy folder = Plain("bert-mean-normalize"))
        using (LocalTextModel model = LocalTextModel.Load(folder.Folder, new() { Model = known }))
        {
            float[] expected = Pooled("bert-mean-normalize", PoolingMode.Max);
            L2.Normalize(expected, expected.Length);
            Assert.Equal(expected, model.Encode(Text).Vectors[0]);
            Assert.Equal("ask: ", model.PromptFor(EmbeddingIntent.Query));
        }

        using LocalTextModel own = LocalTextModel.Load(Repository.Reference("text/e5-prompts"), new() { Model = known });
        Assert.Equal("query: ", own.PromptFor(EmbeddingIntent.Query));
        Assert.Equal("more: ", own.Prompts["extra"]);
        using LocalTextModel alone = LocalTextModel.Load(Repository.Reference("text/e5-prompts"));
        Assert.Equal(alone.Encode(Text).Vectors[0], own.Encode(Text).Vectors[0]);
        Assert.Equal(alone.Space.SpaceId, own.Space.SpaceId);
    }

    [Fact]
    public void A_pooling_file_counts_without_modules_json_too()
    {
        using ReferenceCopy folder = Plain("bert-mean-normalize", keepsPooling: true);
        Set(folder, "1_Pooling/config.json", "pooling_mode", "\"max\"");
        using LocalTextModel model = LocalTextModel.Load(folder.Folder);
        Assert.Equal(Pooled("bert-mean-normalize", PoolingMode.Max), model.Encode(Text).Vectors[0]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Folder, new() { Pooling = PoolingMode.Cls }));
        Assert.Contains("1_Pooling/config.json: the pooling is Max, but Pooling = Cls was chosen", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[\"Qwen2ForCausalLM\"]", null, PoolingMode.LastToken)]
    [InlineData("[\"Qwen2ForCausalLM\"]", "false", PoolingMode.Mean)]
    [InlineData("[\"BertModel\"]", null, PoolingMode.Mean)]
    public void Causal_language_models_are_read_at_their_last_token(string architectures, string? isCausal, PoolingMode expected)
    {
        using ReferenceCopy folder = Plain("bert-mean-normalize");
        Set(folder, "config.json", "architectures", architectures);
        if (isCausal is not null)
            Set(folder, "config.json", "is_causal", isCausal);
        using LocalTextModel model = LocalTextModel.Load(folder.Folder);
        Assert.Equal(Pooled("bert-mean-normalize", expected), model.Encode(Text).Vectors[0]);
    }

    [Fact]
    public void A_vector_that_the_graph_has_finished_wins_over_the_usual_pooling_and_not_over_a_chosen_one()
    {
        using ReferenceCopy folder = Plain("onnx-variants");
        var weights = ModelWeights.File("onnx/model_sentence_embedding.onnx");
        using LocalTextModel finished = LocalTextModel.Load(folder.Folder, new() { Weights = weights });
        using LocalTextModel pooled = LocalTextModel.Load(folder.Folder, new() { Weights = weights, Pooling = PoolingMode.Mean });
        using LocalTextModel whole = LocalTextModel.Load(Repository.Reference("text/onnx-variants"));
        Assert.Equal(whole.Encode(Text).Vectors[0], finished.Encode(Text).Vectors[0], (left, right) => Math.Abs(left - right) < 1e-6f);
        Assert.Equal(Pooled("onnx-variants", PoolingMode.Mean), pooled.Encode(Text).Vectors[0], (left, right) => Math.Abs(left - right) < 1e-5f);
    }

    // RoBERTa counts positions from behind the padding token, so a table of 514 serves 512 tokens; BERT's serves all it has.
    [Theory]
    [InlineData("roberta", 130, 1, 128)]
    [InlineData("xlm-roberta", 100, 1, 98)]
    [InlineData("bert", 130, 0, 130)]
    public void Positions_limit_the_length_as_the_kind_of_model_counts_them(string type, int positions, int padId, int expected)
    {
        using ReferenceCopy folder = Plain("bert-mean-normalize");
        Set(folder, "config.json", "model_type", $"\"{type}\"");
        Set(folder, "config.json", "max_position_embeddings", $"{positions}");
        Set(folder, "config.json", "pad_token_id", $"{padId}");
        Set(folder, "tokenizer_config.json", "model_max_length", "1e30");
        using LocalTextModel model = LocalTextModel.Load(folder.Folder);
        Assert.Equal(expected, model.MaxTokens);
    }

    [Fact]
    public void A_model_of_unlimited_length_wants_a_limit_and_takes_the_chosen_one()
    {
        using ReferenceCopy folder = Plain("bert-mean-normalize");
        Set(folder, "config.json", "max_position_embeddings", "null");
        Set(folder, "tokenizer_config.json", "model_max_length", "1e30");
        Assert.Contains("set MaxTokens", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
        using LocalTextModel model = LocalTextModel.Load(folder.Folder, new() { MaxTokens = 7 });
        Assert.Equal(7, model.Encode([string.Join(' ', Enumerable.Repeat("word", 50))]).Tokens);
    }

    private static ReferenceCopy Plain(string name, bool keepsPooling = false)
    {
        var folder = new ReferenceCopy(name);
        foreach (string file in (string[])["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"])
            folder.Delete(file);
        if (!keepsPooling)
            Directory.Delete(folder.PathOf("1_Pooling"), recursive: true);
        return folder;
    }

    // The token embeddings of the whole folder, pooled here.
    private static float[] Pooled(string name, PoolingMode mode)
    {
        using LocalTextModel model = LocalTextModel.Load(Repository.Reference($"text/{name}"));
        TextTrace trace = model.Trace(Text);
        int hidden = trace.TokenEmbeddings.Length / trace.Batch.SequenceLength;
        float[] pooled = new float[hidden];
        Pool.By(mode, trace.TokenEmbeddings, trace.Batch.AttentionMask, hidden, pooled);
        return pooled;
    }

    private static void Set(ReferenceCopy folder, string file, string field, string value)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(folder.PathOf(file)))!.AsObject();
        json[field] = JsonNode.Parse(value);
        folder.Write(file, json.ToJsonString());
    }
}
