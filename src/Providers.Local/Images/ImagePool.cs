using System.Numerics.Tensors;

namespace Polymodal.Providers.Local.Images;

/// <summary>Makes one vector of what a graph gives for a picture.</summary>
internal static class ImagePool
{
    /// <summary>Pools the tokens of one picture.</summary>
    /// <param name="tokens">Shape [tokens, hidden], row-major.</param>
    /// <param name="hidden">Length of a token.</param>
    /// <param name="prefix">Tokens before those of the patches.</param>
    /// <param name="pooling">How.</param>
    /// <param name="vector">Receives the vector.</param>
    public static void Tokens(ReadOnlySpan<float> tokens, int hidden, int prefix, ImagePooling pooling, Span<float> vector)
    {
        ReadOnlySpan<float> patches = tokens[(prefix * hidden)..];
        switch (pooling)
        {
            case ImagePooling.Cls:
                tokens[..hidden].CopyTo(vector);
                break;
            case ImagePooling.TokenMean:
                Mean(tokens, hidden, vector);
                break;
            case ImagePooling.GlobalMax:
                patches[..hidden].CopyTo(vector);
                for (int at = hidden; at < patches.Length; at += hidden)
                    TensorPrimitives.Max(vector, patches.Slice(at, hidden), vector);
                break;
            case ImagePooling.AttentionWeighted:
                Attention(tokens[..hidden], patches, hidden, vector);
                break;
            default:
                Mean(patches, hidden, vector);
                break;
        }
    }

    /// <summary>Pools the feature map of one picture.</summary>
    /// <param name="map">Shape [channels, places], row-major.</param>
    /// <param name="channels">Length of the vector.</param>
    /// <param name="pooling">How; anything but the largest value is the average.</param>
    /// <param name="vector">Receives the vector.</param>
    public static void Map(ReadOnlySpan<float> map, int channels, ImagePooling pooling, Span<float> vector)
    {
        int places = map.Length / channels;
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<float> plane = map.Slice(channel * places, places);
            vector[channel] = pooling == ImagePooling.GlobalMax ? TensorPrimitives.Max(plane) : TensorPrimitives.Sum(plane) / places;
        }
    }

    private static void Mean(ReadOnlySpan<float> rows, int hidden, Span<float> vector)
    {
        vector.Clear();
        for (int at = 0; at < rows.Length; at += hidden)
            TensorPrimitives.Add(vector, rows.Slice(at, hidden), vector);
        TensorPrimitives.Divide(vector, rows.Length / hidden, vector);
    }

    private static void Attention(ReadOnlySpan<float> token, ReadOnlySpan<float> patches, int hidden, Span<float> vector)
    {
        var weights = new float[patches.Length / hidden];
        for (int patch = 0; patch < weights.Length; patch++)
            weights[patch] = TensorPrimitives.Dot(token, patches.Slice(patch * hidden, hidden)) / MathF.Sqrt(hidden);
        TensorPrimitives.SoftMax(weights, weights);
        vector.Clear();
        for (int patch = 0; patch < weights.Length; patch++)
            TensorPrimitives.MultiplyAdd(patches.Slice(patch * hidden, hidden), weights[patch], vector, vector);
    }
}
