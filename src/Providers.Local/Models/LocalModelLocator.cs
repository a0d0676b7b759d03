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

    private static string NotShipped(LocalModel? model) => model switch
    {
        null => "no model is chosen. Set ModelPath to a model folder as a hub has it (config.json, the files of its tokenizer or preprocessor, and an ONNX file).",
        { Package: { } package } => $"{model.Id} is not at {model.ShippedPath}. Add the package that brings it ({package}), or set ModelPath to a model folder.",
        _ => $"{model.Id} is not at {model.ShippedPath}. Fetch its folder with an ONNX export (huggingface.co/{model.Id}), put it there or set ModelPath to it.",
    };
}
