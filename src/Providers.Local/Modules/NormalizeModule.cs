using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Modules;

/// <summary>Scales to unit length. Newer folders have a config.json, older ones no folder at all.</summary>
internal sealed class NormalizeModule(string name, int dimensions) : SentenceModule(name, dimensions)
{
    public override bool Normalizes => true;

    /// <summary>Reads a module folder.</summary>
    public static NormalizeModule Read(ModelFolder folder, string path, string name, int dimensions)
    {
        string file = $"{path}/config.json";
        if (path.Length > 0 && folder.ReadOptional(file, TextModelJson.Default.NormalizeConfig) is { } config)
            EnsureSentence(folder, file, config.ModuleInputName, config.ModuleOutputName);
        return new NormalizeModule(name, dimensions);
    }

    public override void Apply(ReadOnlySpan<float> vectors, Span<float> results)
    {
        vectors.CopyTo(results);
        L2.Normalize(results, Dimensions);
    }
}
