using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Modules;

/// <summary>Scales to unit length. Needs no files.</summary>
internal sealed class NormalizeModule(string name, int dimensions) : SentenceModule(name, dimensions)
{
    public override bool Normalizes => true;

    public override void Apply(ReadOnlySpan<float> vectors, Span<float> results)
    {
        vectors.CopyTo(results);
        L2.Normalize(results, Dimensions);
    }
}
