using Polymodal.Providers.Local.Images;

namespace Polymodal.Evaluation.Parity;

/// <summary>Compares what goes with a list of patches: which of them are real, and how many stand across and down.</summary>
internal static class PatchComparison
{
    /// <summary>Compares.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="name">Its name as the library has it.</param>
    /// <param name="patching">What made the patches.</param>
    /// <param name="size">Size of the resized picture.</param>
    /// <param name="recorded">The recorded numbers.</param>
    public static ParityRow Of(string caseId, string tensor, string name, ImagePatching patching, ImageSize size, long[] recorded)
    {
        ImageSize grid = patching.Grid(size);
        return name switch
        {
            "spatial_shapes" => Comparison.Integers(caseId, tensor, [grid.Height, grid.Width], recorded),
            "pixel_attention_mask" => Comparison.Integers(caseId, tensor, [.. Enumerable.Range(0, patching.Most).Select(patch => patch < grid.Width * grid.Height ? 1L : 0)], recorded),
            _ => new(caseId, tensor, null, null, ParityVerdict.NotSupported, $"what '{name}' is, is not known"),
        };
    }
}
