using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.StaticVectors;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.StaticVectors;

/// <summary>StaticEmbedding and model2vec folders beyond what the recorded references show.</summary>
public class StaticEncoderTests
{
    [Fact]
    public async Task Prompts_intents_and_cut_dimensions_work_as_after_a_transformer()
    {
        using var generator = new LocalTextEmbeddingGenerator(LocalTextModel.Load(Repository.Reference("text/static-embedding-root")), "test");
        Embedding<float> document = (await generator.GenerateDocumentsAsync(["lovely weather"]))[0], written = (await generator.GenerateDocumentsAsync(["search query: lovely weather"]))[0];
        Embedding<float> query = await generator.GenerateQueryAsync("lovely weather", new() { Dimensions = 8 });

        Assert.NotEqual(document.Vector.ToArray(), written.Vector.ToArray());
        float[] expected = written.Vector.ToArray()[..8];
        TensorPrimitives.Divide(expected, TensorPrimitives.Norm(expected), expected);
        Assert.Equal(8, query.Vector.Length);
        for (int i = 0; i < 8; i++)
            Assert.Equal(expected[i], query.Vector.Span[i], 1e-6f);
        Assert.True(generator.GetService<EmbeddingSpace>()!.IsNormalized);
    }

    [Theory, InlineData("Right"), InlineData("Left")]
    public void Truncation_of_the_tokenizer_file_is_obeyed_on_its_side(string side)
    {
        using var copy = new ReferenceCopy("static-embedding-root");
        var json = JsonNode.Parse(File.ReadAllText(copy.PathOf("tokenizer.json")))!;
        json["truncation"]!["max_length"] = 2;
        json["truncation"]!["direction"] = side;
        copy.Write("tokenizer.json", json.ToJsonString());
        using LocalTextModel model = LocalTextModel.Load(copy.Folder);
        float[][] vectors = model.Encode(["a home at bread", side == "Right" ? "a home" : "at bread"]).Vectors;
        Assert.Equal(vectors[1], vectors[0]);
        Assert.Equal(1, model.Encode(["a home at bread"]).CutTexts);
        Assert.Equal(0, model.Encode(["a home"]).CutTexts);
    }

    [Fact]
    public void Model2vec_drops_unknown_words_where_sentence_transformers_counts_them()
    {
        string folder = Repository.Reference("text/model2vec/float32");
        using LocalTextModel own = LocalTextModel.LoadModel2Vec(folder), other = LocalTextModel.Load(folder);
        const string Unknown = "\U0001F9D1\u200D\U0001F680"; // in no vocabulary of this size
        Assert.Equal(own.Encode(["bread"]).Vectors[0], own.Encode([$"{Unknown} bread {Unknown}"]).Vectors[0]);
        Assert.NotEqual(other.Encode(["bread"]).Vectors[0], other.Encode([$"{Unknown} bread {Unknown}"]).Vectors[0]);
        Assert.Equal(new float[32], own.Encode([Unknown]).Vectors[0]);
        Assert.NotEqual(own.Space.SpaceId, other.Space.SpaceId);
    }

    [Fact]
    public void Model2vec_cuts_at_its_limit_before_it_drops_unknown_words()
    {
        using LocalTextModel model = LocalTextModel.LoadModel2Vec(Repository.Reference("text/model2vec/float32"), settings: new() { MaxTokens = 2 });
        Assert.Equal(model.Encode(["a"]).Vectors[0], model.Encode(["\U0001F9D1 a s"]).Vectors[0]);
        Assert.Equal(1, model.Encode(["\U0001F9D1 a s"]).CutTexts);
    }

    [Fact]
    public void Model2vec_cuts_code_points_before_tokens_and_says_so()
    {
        // 10 tokens of median length 3 are 30 code points: 30 emoji are 60 UTF-16 units, and the word behind them is lost.
        using LocalTextModel model = LocalTextModel.LoadModel2Vec(Repository.Reference("text/model2vec/float32"), settings: new() { MaxTokens = 10 });
        string emoji = string.Concat(Enumerable.Repeat("😀", 30));
        Assert.Equal(new float[32], model.Encode([emoji + " bread"]).Vectors[0]);
        Assert.Equal(model.Encode(["bread"]).Vectors[0], model.Encode([emoji[..48] + " bread"]).Vectors[0]);
        Assert.Equal(1, model.Encode([emoji + " bread", "bread"]).CutTexts);
        Assert.EndsWith("/max-10", model.Space.Fingerprint, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Model2VecSettings { MaxTokens = 0 });
    }

    [Fact]
    public void A_damaged_folder_is_refused_by_file_and_field()
    {
        using var copy = new ReferenceCopy("static-embedding");
        copy.Cut("0_StaticEmbedding/model.safetensors", -64);
        Assert.Contains("model.safetensors", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(copy.Folder)).Message, StringComparison.Ordinal);
        copy.Delete("0_StaticEmbedding/model.safetensors");
        Assert.Contains("static-embedding/0_StaticEmbedding/model.safetensors is missing", Assert.Throws<FileNotFoundException>(() => LocalTextModel.Load(copy.Folder)).Message, StringComparison.Ordinal);

        // Vectors of another vocabulary: too few rows, or a token sent to a row that is not there.
        Save(copy, "0_StaticEmbedding/model.safetensors", ("embedding.weight", [3, 2], new float[6]));
        Assert.Contains("1639 tokens, of which 3 have one of the 3 vectors", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(copy.Folder)).Message, StringComparison.Ordinal);
        Save(copy, "0_StaticEmbedding/model.safetensors", ("vectors", [3, 2], new float[6]));
        Assert.Contains("none of the tensors embedding.weight, embeddings", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(copy.Folder)).Message, StringComparison.Ordinal);
        Save(copy, "0_StaticEmbedding/model.safetensors", ("embeddings", [6], new float[6]));
        Assert.Contains("has the shape [6]", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(copy.Folder)).Message, StringComparison.Ordinal);

        copy.Delete("0_StaticEmbedding/tokenizer.json");
        Assert.Contains("config.json, model.safetensors and tokenizer.json", Assert.Throws<FileNotFoundException>(() => LocalTextModel.LoadModel2Vec(copy.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registered_frameworks_are_resolved_and_detected()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddStaticTextEmbeddings(o => o.ModelPath = Repository.Reference("text/static-embedding"))
            .AddModel2VecTextEmbeddings(o => o.ModelPath = Repository.Reference("text/model2vec/int8"))
            .AddModel2VecTextEmbeddings("unset", _ => { })
            .AddModel2VecTextEmbeddings("empty", o => o.ModelPath = Repository.Reference("text"))
            .BuildServiceProvider();
        Assert.Equal("static-embedding", provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("static-embedding").GetService<EmbeddingGeneratorMetadata>()!.ProviderName);
        Assert.Equal("int8", provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("model2vec").GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
        FrameworkAvailability[] found = [.. provider.GetServices<EmbeddingFramework>().Select(framework => framework.Detect())];
        Assert.Equal([true, true, false, false], found.Select(one => one.IsAvailable));
        Assert.Contains("ModelPath is not set", found[2].Reason, StringComparison.Ordinal);
        Assert.Contains("none of the sets of files of model2vec", found[3].Reason, StringComparison.Ordinal);
    }

    private static void Save(ReferenceCopy copy, string file, (string Name, int[] Shape, float[] Values) tensor)
    {
        byte[] header = System.Text.Encoding.UTF8.GetBytes($"{{\"{tensor.Name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(',', tensor.Shape)}],\"data_offsets\":[0,{tensor.Values.Length * 4}]}}}}");
        File.WriteAllBytes(copy.PathOf(file), [.. BitConverter.GetBytes((long)header.Length), .. header, .. tensor.Values.SelectMany(BitConverter.GetBytes)]);
    }
}
