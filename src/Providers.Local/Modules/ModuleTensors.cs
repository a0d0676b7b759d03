using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Modules;

/// <summary>The <c>model.safetensors</c> of a module's folder.</summary>
internal sealed class ModuleTensors
{
    private readonly string _file;
    private readonly SafeTensors _tensors;

    private ModuleTensors(string file, SafeTensors tensors)
    {
        _file = file;
        _tensors = tensors;
    }

    /// <summary>Opens the file.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="path">The module's folder.</param>
    /// <exception cref="FileNotFoundException">There are no weights.</exception>
    /// <exception cref="NotSupportedException">The weights are a pickle, which can run code and is not read.</exception>
    public static ModuleTensors Open(ModelFolder folder, string path)
    {
        string file = $"{path}/model.safetensors", old = $"{path}/pytorch_model.bin";
        if (folder.Has(file))
            return new ModuleTensors($"{folder.Name}/{file}", SafeTensors.Read(folder.Use(file)));
        if (folder.Has(old))
        {
            throw new NotSupportedException(
                $"{folder.Name}/{old}: the module's weights are a PyTorch pickle; supported: model.safetensors. Save the model again with sentence-transformers (model.save_pretrained), which writes it.");
        }

        throw folder.Missing(file);
    }

    /// <summary>Reads a tensor of a known shape.</summary>
    /// <exception cref="InvalidDataException">It is missing or has another shape.</exception>
    /// <exception cref="NotSupportedException">It holds something else than floating-point numbers.</exception>
    public float[] Read(string name, params ReadOnlySpan<int> shape)
    {
        if (!_tensors.Has(name))
            throw new InvalidDataException($"{_file}: tensor '{name}' is missing (the file has {string.Join(", ", _tensors.Names)}). Fetch the file again.");
        IReadOnlyList<int> found = _tensors.Shape(name);
        return shape.SequenceEqual([.. found])
            ? _tensors.Floats(name)
            : throw new InvalidDataException($"{_file}: tensor '{name}' has shape [{string.Join(", ", found)}], but config.json says [{string.Join(", ", shape.ToArray())}]. The two files do not belong together.");
    }
}
