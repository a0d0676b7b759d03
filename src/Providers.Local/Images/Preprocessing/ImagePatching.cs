namespace Polymodal.Providers.Local.Images;

/// <summary>Pictures as a list of patches, as many as a budget allows, the shape nearly kept (SigLIP 2 NaFlex).</summary>
/// <param name="Side">Pixels of a patch's side.</param>
/// <param name="Most">Patches at most; a list is filled up to it with zeros.</param>
/// <remarks>Reference: transformers 5.23, Siglip2ImageProcessor.</remarks>
internal sealed record ImagePatching(int Side, int Most)
{
    private const int Channels = 3;

    // Where the search for the scale begins and ends, and how far it goes.
    private const double Precision = 1e-5, LargestScale = 100;

    /// <summary>Numbers of a patch: rows, columns, channels.</summary>
    public int Width => Side * Side * Channels;

    /// <summary>The patches across and down of a resized picture.</summary>
    public ImageSize Grid(ImageSize size) => new(size.Width / Side, size.Height / Side);

    /// <summary>The largest size whose sides are whole patches and whose patches are no more than <see cref="Most"/>.</summary>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    public ImageSize Fit(int width, int height)
    {
        double least = Precision / 10, most = LargestScale;
        while (most - least >= Precision)
        {
            double scale = (least + most) / 2;
            if ((long)Patches(scale, width) * Patches(scale, height) <= Most)
                least = scale;
            else
                most = scale;
        }

        return new(Patches(least, width) * Side, Patches(least, height) * Side);
    }

    /// <summary>Turns planes into patches, row by row.</summary>
    /// <param name="planes">Shape [3, height, width].</param>
    /// <param name="size">Height and width, whole patches.</param>
    /// <param name="patches">Receives shape [<see cref="Most"/>, <see cref="Width"/>]; what is behind the last patch is zero.</param>
    public void Apply(ReadOnlySpan<float> planes, ImageSize size, Span<float> patches)
    {
        ImageSize grid = Grid(size);
        int plane = size.Width * size.Height, to = 0;
        for (int patch = 0; patch < grid.Width * grid.Height; patch++)
        {
            int corner = (patch / grid.Width * Side * size.Width) + (patch % grid.Width * Side);
            for (int y = 0; y < Side; y++)
            {
                for (int x = 0, from = corner + (y * size.Width); x < Side; x++, from++)
                {
                    for (int channel = 0; channel < Channels; channel++)
                        patches[to++] = planes[(channel * plane) + from];
                }
            }
        }

        patches[to..].Clear();
    }

    private int Patches(double scale, int length) => (int)Math.Min(Math.Max(1, Math.Ceiling(length * scale / Side)), int.MaxValue / Side);
}
