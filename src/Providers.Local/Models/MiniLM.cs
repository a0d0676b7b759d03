namespace Polymodal.Providers.Local.Models;

/// <summary>The MiniLM models of sentence-transformers.</summary>
public static class MiniLM
{
    /// <summary>all-MiniLM-L6-v2: small, quick, English. Ships in the package <c>Polymodal.Models.MiniLM</c>.</summary>
    public static LocalModel L6V2 { get; } = new() { Id = "sentence-transformers/all-MiniLM-L6-v2", Dimensions = 384, Package = "Polymodal.Models.MiniLM" };
}
