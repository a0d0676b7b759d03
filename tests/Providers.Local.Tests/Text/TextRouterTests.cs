using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Text;

namespace Polymodal.Providers.Local.Tests.Text;

/// <summary>Folders with several ways: queries are pooled by the mean, documents take their first token; then all are scaled.</summary>
public class TextRouterTests
{
    private const string Text = "which way does it go";

    [Theory]
    [InlineData("router_config.json", "Router"), InlineData("config.json", "Asym")]
    public async Task Queries_and_documents_take_their_ways(string file, string type)
    {
        using var folder = new RoutedFolder(file, type);
        using LocalTextEmbeddingGenerator generator = await LocalTextEmbeddingGenerator.LoadAsync(folder.Path);
        using LocalTextModel mean = LocalTextModel.Load(Repository.Reference("text/bert-mean-normalize"));
        using ReferenceCopy first = FirstToken();
        using LocalTextModel cls = LocalTextModel.Load(first.Folder);
        Assert.Equal(mean.Encode([Text]).Vectors[0], (await generator.GenerateQueryAsync(Text)).Vector.ToArray());
        Assert.Equal(cls.Encode([Text]).Vectors[0], (await generator.GenerateDocumentsAsync([Text]))[0].Vector.ToArray());
        Assert.Equal(cls.Encode([Text]).Vectors[0], (await generator.GenerateAsync([Text]))[0].Vector.ToArray());
        Assert.True(generator.GetService<EmbeddingSpace>()!.IsNormalized);
        TextTrace trace = generator.GetService<LocalTextModel>()!.Trace([Text], intent: EmbeddingIntent.Query);
        Assert.Equal(["query_1_Pooling", $"0_{type}", "1_Normalize"], trace.Modules.Select(module => module.Key));
    }

    [Fact]
    public void Without_a_default_the_first_way_counts_or_the_intent_must_be_said()
    {
        using var folder = new RoutedFolder();
        folder.Parameters["default_route"] = null;
        folder.Write();
        using (LocalTextModel model = LocalTextModel.Load(folder.Path))
            Assert.Equal(model.Encode([Text], new() { Intent = EmbeddingIntent.Query }).Vectors, model.Encode([Text]).Vectors);
        folder.Parameters["allow_empty_key"] = false;
        folder.Write();
        using LocalTextModel strict = LocalTextModel.Load(folder.Path);
        Assert.Contains("no route takes a text without intent; routes: query, document", Assert.Throws<ArgumentException>(() => strict.Encode([Text])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mappings_win_over_the_ways_names()
    {
        using var folder = new RoutedFolder();
        folder.Parameters["route_mappings"] = new JsonObject { ["('query', 'text')"] = "document", ["('document', None)"] = "query", ["(None, 'image')"] = "document" };
        folder.Write();
        using LocalTextModel model = LocalTextModel.Load(folder.Path);
        Assert.Equal("document_1_Pooling", model.Trace([Text], intent: EmbeddingIntent.Query).Modules[0].Key);
        Assert.Equal("query_1_Pooling", model.Trace([Text], intent: EmbeddingIntent.Document).Modules[0].Key);
        Assert.Equal("document_1_Pooling", model.Trace([Text]).Modules[0].Key);
    }

    [Fact]
    public void A_way_that_names_what_is_not_there_is_refused()
    {
        using var folder = new RoutedFolder();
        folder.Parameters["default_route"] = "image";
        folder.Write();
        Assert.Contains("name the route 'image', which structure does not have (it has query, document)", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Path)).Message, StringComparison.Ordinal);
        folder.Parameters["default_route"] = "query";
        folder.Structure["query"] = new JsonArray("query_9_Transformer");
        folder.Write();
        Assert.Contains("structure names 'query_9_Transformer', which types does not have", Assert.Throws<InvalidDataException>(() => LocalTextModel.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static ReferenceCopy FirstToken()
    {
        var folder = new ReferenceCopy("bert-mean-normalize");
        folder.Write("1_Pooling/config.json", """{"embedding_dimension": 32, "pooling_mode": "cls"}""");
        return folder;
    }

    private sealed class RoutedFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");
        private readonly JsonObject _config;
        private readonly string _file;

        public RoutedFolder(string file = "router_config.json", string type = "Router")
        {
            _file = file;
            string source = Repository.Reference("text/bert-mean-normalize");
            foreach ((string route, string mode) in (ReadOnlySpan<(string, string)>)[("query", "mean"), ("document", "cls")])
            {
                foreach (string name in (string[])["config.json", "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model.onnx"])
                    Copy(System.IO.Path.Combine(source, name), $"{route}_0_Transformer/{name}");
                Directory.CreateDirectory(System.IO.Path.Combine(Path, $"{route}_1_Pooling"));
                File.WriteAllText(System.IO.Path.Combine(Path, $"{route}_1_Pooling", "config.json"), $$"""{"embedding_dimension": 32, "pooling_mode": "{{mode}}"}""");
            }

            File.WriteAllText(System.IO.Path.Combine(Path, "modules.json"),
                $$"""[{"path": "", "type": "sentence_transformers.models.{{type}}"}, {"path": "1_Normalize", "type": "sentence_transformers.models.Normalize"}]""");
            _config = JsonNode.Parse("""
                {
                  "types": {
                    "query_0_Transformer": "sentence_transformers.models.Transformer.Transformer", "query_1_Pooling": "sentence_transformers.models.Pooling.Pooling",
                    "document_0_Transformer": "sentence_transformers.models.Transformer.Transformer", "document_1_Pooling": "sentence_transformers.models.Pooling.Pooling"
                  },
                  "structure": { "query": ["query_0_Transformer", "query_1_Pooling"], "document": ["document_0_Transformer", "document_1_Pooling"] },
                  "parameters": { "default_route": "document", "allow_empty_key": true }
                }
                """)!.AsObject();
            Write();
        }

        public string Path => _folder.FullName;

        public JsonObject Parameters => _config["parameters"]!.AsObject();

        public JsonObject Structure => _config["structure"]!.AsObject();

        public void Write() => File.WriteAllText(System.IO.Path.Combine(Path, _file), _config.ToJsonString());

        public void Dispose() => _folder.Delete(recursive: true);

        private void Copy(string source, string relativePath)
        {
            string target = System.IO.Path.Combine(Path, relativePath);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }
    }
}
