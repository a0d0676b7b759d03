using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Onnx;

namespace Polymodal.Providers.Local.Audio;

/// <summary>Which outputs of a graph become the vector.</summary>
/// <param name="Names">One for each layer wanted, all of one kind.</param>
/// <param name="HasFrames">Whether they have a vector a frame, [row, frame, hidden], or are finished, [row, dimension].</param>
/// <param name="Width">Length of a vector of them, where the graph says it.</param>
internal sealed record AudioOutput(IReadOnlyList<string> Names, bool HasFrames, int? Width)
{
    private const string Layer = "hidden_states.";
    private static readonly string[] Finished = ["audio_embeds", "embeddings", "pooler_output"], Frames = ["last_hidden_state"];

    /// <summary>Chooses.</summary>
    /// <param name="folder">For messages.</param>
    /// <param name="onnx">The graph.</param>
    /// <param name="options">Whether layers or a pooling are asked for.</param>
    /// <exception cref="NotSupportedException">The graph has none of the outputs that are known, or no layers and they are asked for.</exception>
    public static AudioOutput Choose(ModelFolder folder, OnnxModel onnx, LocalAudioEmbeddingOptions options)
    {
        string[] names = [.. onnx.Outputs.Where(output => OnnxFloats.Types.Contains(output.ElementType)).Select(output => output.Name)];
        if (options.PerLayer || options.LayerWeights is not null)
        {
            string[] layers = [.. names.Where(name => name.StartsWith(Layer, StringComparison.Ordinal)).OrderBy(name => int.TryParse(name.AsSpan(Layer.Length), out int number) ? number : int.MaxValue)];
            if (layers.Length == 0)
                throw Unknown($"has no outputs {Layer}0, {Layer}1, …, which PerLayer and LayerWeights need. Export the model with output_hidden_states");
            return options.LayerWeights is { } weights && weights.Count != layers.Length
                ? throw new ArgumentException($"LayerWeights has {weights.Count} numbers; {folder.Name} has {layers.Length} layers, its first input among them. Give one for each.", nameof(options))
                : new AudioOutput(layers, HasFrames: true, WidthOf(layers[0]));
        }

        IEnumerable<string> known = options.Pooling is null ? Finished.Concat(Frames) : Frames;
        string name = known.FirstOrDefault(names.Contains) ?? throw Unknown($"has the outputs {string.Join(", ", names)}; known: {string.Join(", ", known)}. Choose a model with one of these");
        return new AudioOutput([name], Frames.Contains(name), WidthOf(name));

        NotSupportedException Unknown(string what) => new($"{folder.Name}/{Path.GetRelativePath(folder.FullPath, onnx.File)} {what}.");

        int? WidthOf(string output) => onnx.Outputs.First(port => port.Name == output).Shape is [.., > 0 and var width] ? width : null;
    }
}
