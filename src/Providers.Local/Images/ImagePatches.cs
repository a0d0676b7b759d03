namespace Polymodal.Providers.Local.Images;

/// <summary>Vectors of the patches of a picture, as a grid.</summary>
/// <param name="Rows">Patches down.</param>
/// <param name="Columns">Patches across.</param>
/// <param name="Dimensions">Length of a vector.</param>
/// <param name="Vectors">Shape [<paramref name="Rows"/>, <paramref name="Columns"/>, <paramref name="Dimensions"/>], row-major.</param>
public sealed record ImagePatches(int Rows, int Columns, int Dimensions, ReadOnlyMemory<float> Vectors)
{
    /// <summary>The vector of a patch.</summary>
    /// <param name="row">From the top, from 0.</param>
    /// <param name="column">From the left, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such patch.</exception>
    public ReadOnlyMemory<float> this[int row, int column]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)Columns, nameof(column));
            return Vectors.Slice(((row * Columns) + column) * Dimensions, Dimensions);
        }
    }

    /// <summary>Takes what a graph gave for one picture.</summary>
    internal static ImagePatches Of(float[] values, ImageOutput output, ImageSize? grid, ImageSize size)
    {
        if (output.Kind == ImageOutputKind.Vector)
            throw new NotSupportedException($"output '{output.Name}' is one vector a picture. Export the model with last_hidden_state.");
        float[] vectors = output.Kind == ImageOutputKind.Tokens ? values[(output.Prefix * output.Width)..] : Transposed(values, output.Width);
        int count = vectors.Length / output.Width;
        // The grid has the shape of the picture that the graph was given.
        int rows = grid?.Height ?? Math.Max(1, (int)Math.Round(Math.Sqrt((double)count * size.Height / size.Width)));
        return rows * (count / rows) == count ? new(rows, count / rows, output.Width, vectors)
            : throw new NotSupportedException($"output '{output.Name}' has {count} patches, which make no grid of the shape {size.Width} × {size.Height}. Set Pooling and take one vector a picture.");
    }

    // [channels, places] to [places, channels].
    private static float[] Transposed(float[] map, int channels)
    {
        int places = map.Length / channels;
        var vectors = new float[map.Length];
        for (int channel = 0; channel < channels; channel++)
        {
            for (int place = 0; place < places; place++)
                vectors[(place * channels) + channel] = map[(channel * places) + place];
        }

        return vectors;
    }
}
