using Microsoft.Extensions.AI;
using Polymodal.Providers.Local;
using Polymodal.Providers.Local.Audio.Transcription;

namespace Polymodal.Multimodal.Tests;

/// <summary>The models of the repository, loaded once for all tests that share them, and what lies beside them.</summary>
public sealed class ShippedModels : IAsyncLifetime
{
    public const string Name = "shipped models";

    public LocalTextEmbeddingGenerator Text { get; private set; } = null!;

    public LocalImageEmbeddingGenerator Classifier { get; private set; } = null!;

    public WhisperSpeechToTextClient Speech { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Text = await LocalTextEmbeddingGenerator.LoadAsync(Repository.MiniLM);
        Classifier = await LocalImageEmbeddingGenerator.LoadAsync(Repository.PathOf("models/tf_efficientnet_lite0.in1k"));
        Speech = WhisperSpeechToTextClient.Load(Repository.PathOf("models/whisper-tiny.en"));
    }

    public Task DisposeAsync()
    {
        Text.Dispose();
        Classifier.Dispose();
        Speech.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The files of a folder of the repository as contents, in the order of their names.</summary>
    internal static (string Name, DataContent Content)[] Files(string folder, string pattern, string mediaType) =>
        [.. new DirectoryInfo(Repository.PathOf(folder)).GetFiles(pattern).OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => (Path.GetFileNameWithoutExtension(file.Name), new DataContent(File.ReadAllBytes(file.FullName), mediaType)))];
}

/// <summary>Tests that share <see cref="ShippedModels"/> run one after another.</summary>
[CollectionDefinition(ShippedModels.Name)]
public sealed class ShippedModelsGroup : ICollectionFixture<ShippedModels>;
