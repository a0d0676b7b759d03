namespace Polymodal.Providers.Local.Modules;

/// <summary>A step that changes nothing when a model is used: Dropout, or the end of a Router's route.</summary>
internal sealed class IdentityModule(string name, int dimensions, bool normalizes) : SentenceModule(name, dimensions)
{
    public override bool Normalizes => normalizes;

    public override void Apply(ReadOnlySpan<float> vectors, Span<float> results) => vectors.CopyTo(results);
}
