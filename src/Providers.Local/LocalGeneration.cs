using System.Diagnostics;
using Microsoft.Extensions.AI;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local;

/// <summary>What every local generator does around its model: checks the call, measures it, stamps the vectors.</summary>
/// <param name="modelName">The model.</param>
/// <param name="space">The space of its vectors.</param>
/// <param name="providerName">The framework's name, for metadata.</param>
internal sealed class LocalGeneration(string modelName, EmbeddingSpace space, string providerName)
{
    /// <summary>Where the <c>AdditionalProperties</c> of a result hold its <see cref="CallStatistics"/>.</summary>
    public const string StatisticsKey = "polymodal.statistics";

    private readonly EmbeddingGeneratorMetadata _metadata = new(providerName, providerUri: null, modelName, space.Dimensions);

    /// <summary>The inputs as an array without nulls.</summary>
    /// <param name="values">The inputs.</param>
    /// <param name="what">What one is, e.g. <c>text</c>.</param>
    /// <param name="instead">What to give in place of null, as a sentence; empty for nothing.</param>
    public static T[] Checked<T>(IEnumerable<T> values, string what, string instead = "")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(values);
        T[] inputs = [.. values];
        int missing = Array.IndexOf(inputs, null);
        return missing < 0 ? inputs : throw new ArgumentNullException(nameof(values), $"{what} {missing} of {inputs.Length} is null.{(instead.Length == 0 ? "" : " ")}{instead}");
    }

    /// <summary>The space of the vectors that a call asks for.</summary>
    /// <exception cref="ArgumentException"><c>ModelId</c> names another model.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><c>Dimensions</c> is more than the model has, or below 1.</exception>
    public EmbeddingSpace SpaceFor(EmbeddingGenerationOptions? options)
    {
        if (options?.ModelId is { } modelId && modelId != modelName)
            throw new ArgumentException($"options.ModelId is '{modelId}', but this generator runs '{modelName}'. Leave it out, or resolve the generator of that model.", nameof(options));
        return options?.Dimensions is { } dimensions ? space.Cut(dimensions) : space;
    }

    /// <summary>Makes a call of the model under the eyes of telemetry.</summary>
    /// <param name="dimensions">Length of the vectors.</param>
    /// <param name="call">The call.</param>
    public async Task<TResult> MeasureAsync<TResult>(int dimensions, Func<Task<TResult>> call)
        where TResult : ILocalEncoding
    {
        bool measures = !EmbeddingTelemetry.IsWrapped;
        long began = Stopwatch.GetTimestamp();
        using Activity? activity = EmbeddingTelemetry.Start(_metadata);
        try
        {
            TResult result = await call().ConfigureAwait(false);
            EmbeddingTelemetry.End(activity, _metadata, Stopwatch.GetElapsedTime(began), dimensions, result.Tokens, result.Statistics, error: null, measures);
            return result;
        }
        catch (Exception exception)
        {
            EmbeddingTelemetry.End(activity, _metadata, Stopwatch.GetElapsedTime(began), dimensions, tokens: null, statistics: null, exception, measures);
            throw;
        }
    }

    /// <summary>The answer of a generator.</summary>
    /// <param name="encoding">The vectors.</param>
    /// <param name="stamp">Their space.</param>
    public GeneratedEmbeddings<Embedding<float>> Results(ILocalEncoding encoding, EmbeddingSpace stamp)
    {
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(encoding.Vectors.Count)
        {
            Usage = encoding.Tokens is { } tokens ? new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens } : null,
            AdditionalProperties = new() { [StatisticsKey] = encoding.Statistics },
        };
        foreach (float[] vector in encoding.Vectors)
            embeddings.Add(Stamped(vector, stamp));
        return embeddings;
    }

    /// <summary>A vector that says where it comes from.</summary>
    public Embedding<float> Stamped(float[] vector, EmbeddingSpace stamp)
    {
        var embedding = new Embedding<float>(vector) { ModelId = modelName };
        stamp.Stamp(embedding);
        return embedding;
    }

    /// <summary>What <c>GetService</c> gives: the generator, the metadata, the space, the scale of a tower, the model.</summary>
    public object? GetService(Type serviceType, object? serviceKey, object generator, object model)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(generator) ? generator
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(EmbeddingSpace) ? space
            : serviceType == typeof(ContrastiveScale) ? (model as ITowerModel)?.Scale
            : serviceType == model.GetType() ? model
            : null;
    }
}

/// <summary>The vectors of one call of a model.</summary>
internal interface ILocalEncoding
{
    /// <summary>One an input, in the order given.</summary>
    IReadOnlyList<float[]> Vectors { get; }

    /// <summary>Tokens of all inputs; null where inputs have none.</summary>
    int? Tokens { get; }

    /// <summary>Where the time went.</summary>
    CallStatistics Statistics { get; }
}
