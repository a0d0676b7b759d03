using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Polymodal.Tests;

/// <summary>Frameworks, spaces and inputs as the tests need them.</summary>
internal static class Fake
{
    public static EmbeddingFramework Framework(string name, EmbeddingModality modality, params string[] mediaTypes) => new()
    {
        Name = name,
        DisplayName = name,
        Modality = modality,
        RunsAt = EmbeddingLocation.Local,
        MediaTypes = mediaTypes,
        Detection = () => FrameworkAvailability.Found("always here"),
    };

    public static EmbeddingSpace Space(string id, SimilarityMetric metric = SimilarityMetric.Cosine) => new()
    {
        SpaceId = id,
        Fingerprint = $"{id}@fp32",
        Dimensions = 2,
        Metric = metric,
        IsNormalized = false,
    };

    /// <summary>A text generator whose vector is [number, length of the text].</summary>
    public static FakeGenerator<string> TextGenerator(int number = 1) => new(text => [number, text.Length]);

    /// <summary>A generator of pictures or sounds whose vector is [number, first byte].</summary>
    public static FakeGenerator<DataContent> MediaGenerator(int number) => new(content => [number, content.Data.Span[0]]);

    /// <summary>A container with the frameworks that <paramref name="register"/> adds; it owns their generators.</summary>
    public static ServiceProvider Container(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        register(services);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public static DataContent Media(string mediaType, byte first = 0) => new(new[] { first }, mediaType);

    public static DataContent TextFile(string text) => new(Encoding.UTF8.GetBytes(text), "text/plain");
}
