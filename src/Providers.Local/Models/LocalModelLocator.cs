namespace Polymodal.Providers.Local.Models;

/// <summary>Finds the folder of a framework's model.</summary>
internal static class LocalModelLocator
{
    /// <summary>The folder chosen, or the one that ships.</summary>
    /// <param name="chosenPath">What the options say; null for the framework's own model.</param>
    /// <param name="model">The framework's own model; null when it has none.</param>
    /// <exception cref="DirectoryNotFoundException">No folder is chosen, and the model does not lie beside the program.</exception>
    public static string Find(string? chosenPath, LocalModel? model) =>
        chosenPath ?? (model is not null && Directory.Exists(model.ShippedPath) ? model.ShippedPath : throw new DirectoryNotFoundException(NotShipped(model)));

    /// <summary>Whether the folder is there with the weights wanted, without loading it.</summary>
    /// <param name="chosenPath">What the options say; null for the framework's own model.</param>
    /// <param name="model">The framework's own model; null when it has none.</param>
    /// <param name="weights">The file that would run.</param>
    public static FrameworkAvailability Detect(string? chosenPath, LocalModel? model, ModelWeights weights)
    {
        var folder = new ModelFolder(Find(chosenPath, model));
        // Of a model with several ways each transformer has a folder of its own.
        string? transformer = folder.Has("modules.json") ? Directory.EnumerateDirectories(folder.FullPath, "*_Transformer").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault() : null;
        return FrameworkAvailability.Found($"model in {folder.FullPath}, weights {weights.FindIn(folder, transformer ?? "")}");
    }

    private static string NotShipped(LocalModel? model) => model switch
    {
        null => "no model is chosen. Set ModelPath to a model folder as a hub has it (config.json, tokenizer.json and an ONNX file).",
        _ when model == MiniLM.L6V2 => $"{model.Id} is not at {model.ShippedPath}. Add the package that brings it (Polymodal.Models.MiniLM), or set ModelPath to a model folder.",
        _ => $"{model.Id} is not at {model.ShippedPath}. Fetch its folder with an ONNX export (huggingface.co/{model.Id}), put it there or set ModelPath to it.",
    };
}
