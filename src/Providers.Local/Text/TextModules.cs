using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Modules;
using Polymodal.Providers.Local.Pooling;

namespace Polymodal.Providers.Local.Text;

/// <summary>Lists the modules of a folder: those of <c>modules.json</c>, or those that a plain HuggingFace folder amounts to.</summary>
internal static class TextModules
{
    private const string File = "modules.json", PoolingFolder = "1_Pooling";

    /// <summary>The modules in their order.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">What was chosen, and what is known of the model.</param>
    /// <param name="isPlain">Whether the folder has no <c>modules.json</c> and needs none.</param>
    /// <exception cref="FileNotFoundException">There is neither <c>modules.json</c> nor <c>config.json</c>, or only the first is missing.</exception>
    /// <exception cref="InvalidDataException">A field is missing, or what was chosen contradicts what the folder says.</exception>
    public static FolderModule[] Of(ModelFolder folder, LocalTextEmbeddingOptions options, out bool isPlain)
    {
        // Of a folder that sentence-transformers saved, the list of modules can only have been lost.
        isPlain = !folder.Has(File) && (folder.Has("config.json") || TwoTowerFolder.HasTextTower(folder, "") || TwoTowerFolder.IsJoint(folder, "")) && !folder.Has("sentence_bert_config.json") && !folder.Has("config_sentence_transformers.json");
        List<FolderModule> modules = isPlain ? Plain(folder, options) : [.. Listed(folder)];
        if (options.Pooling is { } pooling && modules.Find(module => module is { Type: "Pooling", Pooling: null }) is { } own && PoolingModule.Read(folder, own.Path, own.Name) is { } read && !read.Modes.SequenceEqual([pooling]))
            throw new InvalidDataException($"{folder.Name}/{own.File("config.json")}: the pooling is {string.Join(" + ", read.Modes)}, but Pooling = {pooling} was chosen. Leave it null, or change the file.");
        return options.Dimensions is { } dimensions ? [.. modules.Select(module => Sized(folder, module, dimensions))] : [.. modules];
    }

    /// <summary>The last part of a class name: sentence_transformers.models.Pooling and sentence_transformers.sentence_transformer.modules.pooling.Pooling are one.</summary>
    public static string LastName(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static IEnumerable<FolderModule> Listed(ModelFolder folder) =>
        folder.Read(File, TextModelJson.Default.ModuleEntryArray).Select((entry, index) =>
        {
            string type = LastName(entry.Type ?? throw new InvalidDataException($"{folder.Name}/{File}: [{index}].type is missing. Name the module's class."));
            string path = entry.Path is null or "." ? "" : entry.Path;
            return new FolderModule($"{index}_{type}", type, path) { IsTower = type == "CLIPModel" };
        });

    // A folder without a pooling of its own: what was chosen, else a vector that the graph has finished, else what is known of the model,
    // else what the library takes: the last token of causal language models, the mean of all others.
    private static List<FolderModule> Plain(ModelFolder folder, LocalTextEmbeddingOptions options)
    {
        var transformer = new FolderModule("0_Transformer", "Transformer", "");
        if (TwoTowerFolder.HasTextTower(folder, "") || TwoTowerFolder.IsJoint(folder, ""))
            return [transformer with { IsTower = true }];
        var pooling = new FolderModule(PoolingFolder, "Pooling", PoolingFolder);
        if (folder.Has(pooling.File("config.json")))
            return [transformer, pooling];
        TransformerConfig config = folder.Read("config.json", TextModelJson.Default.TransformerConfig);
        PoolingMode mode = options.Pooling ?? options.Model?.Pooling ?? (config.IsCausalLanguageModel ? PoolingMode.LastToken : PoolingMode.Mean);
        return [transformer, pooling with { Pooling = mode, IsAssumed = options.Pooling is null }];
    }

    // Models with several trained sizes keep a Dense for each beside the one that modules.json names: 2_Dense, 2_Dense_256, 2_Dense_1024.
    private static FolderModule Sized(ModelFolder folder, FolderModule module, int dimensions)
    {
        string path = $"{module.Path}_{dimensions}";
        return module.Type == "Dense" && folder.Has($"{path}/config.json") ? module with { Path = path } : module;
    }
}
