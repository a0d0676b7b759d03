using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Models;

/// <summary>Every registration of local text models: described, resolved, embedded, and honest where the model is not there.</summary>
public class LocalTextFrameworkTests
{
    private const string Text = "how is bread baked";

    private static readonly Dictionary<string, (Func<IServiceCollection, Action<LocalTextEmbeddingOptions>, IServiceCollection> Add, string Folder, string? Model)> Frameworks = new()
    {
        ["sentence-transformers"] = ((services, configure) => services.AddSentenceTransformersTextEmbeddings(configure), "mpnet-mean", "sentence-transformers/all-MiniLM-L6-v2"),
        ["huggingface"] = ((services, configure) => services.AddHuggingFaceTextEmbeddings(configure), "electra-mean", null),
        ["e5"] = ((services, configure) => services.AddE5TextEmbeddings(configure), "xlm-roberta-mean", "intfloat/e5-small-v2"),
        ["bge"] = ((services, configure) => services.AddBgeTextEmbeddings(configure), "bert-cls", "BAAI/bge-small-en-v1.5"),
        ["stella"] = ((services, configure) => services.AddStellaTextEmbeddings(configure), "stella-dense", "NovaSearch/stella_en_400M_v5"),
        ["nv-embed"] = ((services, configure) => services.AddNvEmbedTextEmbeddings(configure), "nv-embed-latent", "nvidia/NV-Embed-v2"),
        ["modernbert"] = ((services, configure) => services.AddModernBertTextEmbeddings(configure), "modernbert-mean", "nomic-ai/modernbert-embed-base"),
        ["jina-local"] = ((services, configure) => services.AddJinaLocalTextEmbeddings(configure), "xlm-roberta-cls", "jinaai/jina-embeddings-v3"),
        ["embedding-gemma"] = ((services, configure) => services.AddEmbeddingGemmaTextEmbeddings(configure), "st6-dialect", "google/embeddinggemma-300m"),
        ["qwen3-embedding"] = ((services, configure) => services.AddQwen3TextEmbeddings(configure), "qwen3-kv-cache", "Qwen/Qwen3-Embedding-0.6B"),
        ["data2vec-text"] = ((services, configure) => services.AddData2VecTextEmbeddings(configure), "roberta-mean", "facebook/data2vec-text-base"),
    };

    public static TheoryData<string> Names => [.. Frameworks.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task A_folder_is_registered_described_resolved_and_embedded(string name)
    {
        (var add, string folder, _) = Frameworks[name];
        await using ServiceProvider services = add(new ServiceCollection(), options => options.ModelPath = Repository.Reference($"text/{folder}")).BuildServiceProvider();
        EmbeddingFramework framework = services.GetRequiredService<EmbeddingFramework>();
        Assert.Equal((name, EmbeddingModality.Text, EmbeddingLocation.Local, folder), (framework.Name, framework.Modality, framework.RunsAt, framework.DefaultModel));
        Assert.True(framework.Detect().IsAvailable);
        var generator = services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(name);
        Assert.Same(generator, services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        Embedding<float> query = await generator.GenerateQueryAsync(Text), document = (await generator.GenerateDocumentsAsync([Text]))[0];
        Assert.Equal(generator.GetService<EmbeddingSpace>()!.Dimensions, query.Vector.Length);
        Assert.True(Similarity.Of(query, document) > 0);
    }

    [Theory, MemberData(nameof(Names))]
    public void Without_a_folder_it_says_what_is_missing_and_what_to_do(string name)
    {
        (var add, _, string? model) = Frameworks[name];
        using ServiceProvider services = add(new ServiceCollection(), options => options.ModelPath = options.ModelPath).BuildServiceProvider();
        EmbeddingFramework framework = services.GetRequiredService<EmbeddingFramework>();
        Assert.Equal(model, framework.DefaultModel);
        FrameworkAvailability found = framework.Detect();
        Assert.Equal(name == "sentence-transformers", found.IsAvailable); // that model ships
        Assert.True(found.IsAvailable || found.Reason.Contains(model is null ? "Set ModelPath" : $"Fetch its folder with an ONNX export (huggingface.co/{model})", StringComparison.Ordinal), found.Reason);
    }

    [Fact]
    public async Task Prompts_that_a_folder_does_not_say_come_from_the_model_that_is_known()
    {
        string folder = Repository.Reference("text/bert-mean-normalize");
        await using ServiceProvider services = new ServiceCollection().AddE5TextEmbeddings(options => options.ModelPath = folder).BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        using LocalTextModel model = LocalTextModel.Load(folder);
        Assert.Equal(model.Encode([$"query: {Text}"]).Vectors[0], (await generator.GenerateQueryAsync(Text)).Vector.ToArray());
        Assert.Equal(model.Encode([$"passage: {Text}"]).Vectors[0], (await generator.GenerateDocumentsAsync([Text]))[0].Vector.ToArray());
    }

    [Fact]
    public async Task A_folder_with_the_name_of_a_known_model_is_that_model()
    {
        DirectoryInfo parent = Directory.CreateTempSubdirectory("polymodal-");
        try
        {
            using var copy = new ReferenceCopy("bert-mean-normalize");
            string folder = Path.Combine(parent.FullName, "bge-m3");
            Directory.Move(copy.Folder, folder);
            await using ServiceProvider services = new ServiceCollection()
                .AddBgeTextEmbeddings(options => options.ModelPath = folder)
                .AddBgeTextEmbeddings("english", options => (options.ModelPath, options.Model) = (folder, Bge.BaseEnV15))
                .BuildServiceProvider();
            LocalTextModel Model(string key) => services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key).GetService<LocalTextModel>()!;
            Assert.Equal("", Model("bge").PromptFor(EmbeddingIntent.Query));
            Assert.Equal("Represent this sentence for searching relevant passages: ", Model("english").PromptFor(EmbeddingIntent.Query));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Stella_has_an_instruction_a_purpose_and_a_module_a_size()
    {
        string folder = Repository.Reference("text/stella-dense");
        await using ServiceProvider services = new ServiceCollection()
            .AddStellaTextEmbeddings(options => options.ModelPath = folder)
            .AddStellaTextEmbeddings("small", options => (options.ModelPath, options.Dimensions) = (folder, 16))
            .AddStellaTextEmbeddings("odd", options => (options.ModelPath, options.Dimensions) = (folder, 20))
            .BuildServiceProvider();
        IEmbeddingGenerator<string, Embedding<float>> Generator(string key) => services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key);
        LocalTextModel model = Generator("stella").GetService<LocalTextModel>()!;
        Assert.StartsWith("Instruct: Given a web search query", model.PromptFor(EmbeddingIntent.Query), StringComparison.Ordinal);
        Assert.StartsWith("Instruct: Retrieve semantically similar text", model.PromptFor(EmbeddingIntent.Similarity), StringComparison.Ordinal);
        Assert.Equal("", model.PromptFor(EmbeddingIntent.Document));

        float[] whole = (await Generator("stella").GenerateAsync([Text]))[0].Vector.ToArray(), small = (await Generator("small").GenerateAsync([Text]))[0].Vector.ToArray();
        Assert.Equal((24, 16), (whole.Length, small.Length));
        Assert.NotEqual(whole[..16], small);
        Assert.Equal(whole[..20], (await Generator("odd").GenerateAsync([Text]))[0].Vector.ToArray());
        Assert.NotEqual(Generator("stella").GetService<EmbeddingSpace>()!.SpaceId, Generator("small").GetService<EmbeddingSpace>()!.SpaceId);
        Assert.Contains("gives 24 dimensions; Dimensions must be 1 to 24", Assert.Throws<ArgumentOutOfRangeException>(() => LocalTextModel.Load(folder, new() { Dimensions = 25 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_vectors_of_a_model_of_unit_length_have_it_again()
    {
        using LocalTextModel model = LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"), new() { Dimensions = 8 });
        Assert.True(model.Space.IsNormalized);
        Assert.Equal(1f, System.Numerics.Tensors.TensorPrimitives.Norm(model.Encode([Text]).Vectors[0]), 1e-6f);
    }
}
