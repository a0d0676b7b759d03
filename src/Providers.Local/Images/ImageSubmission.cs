using System.Buffers;
using System.Numerics.Tensors;
using Polymodal.Providers.Local.Onnx;
using Polymodal.Providers.Local.Pooling;
using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Images;

/// <summary>A picture as it comes: a file's bytes, or pixels.</summary>
/// <param name="File">The bytes; nothing where there are pixels.</param>
/// <param name="Pixels">The pixels, or null.</param>
internal readonly record struct ImageInput(ReadOnlyMemory<byte> File, PixelBuffer? Pixels = null);

/// <summary>The pictures of one call, on their way through a model.</summary>
/// <param name="folder">The model.</param>
/// <param name="inputs">The pictures.</param>
/// <param name="output">Which output is wanted.</param>
/// <param name="decoder">Reads files.</param>
/// <param name="decoding">How.</param>
internal sealed class ImageSubmission(ImageModelFolder folder, ImageInput[] inputs, ImageOutput output, IImageDecoder decoder, ImageDecodingOptions decoding) : Submission<ImageItem>(inputs.Length)
{
    public ImageModelFolder Folder => folder;

    public ImageOutput Output => output;

    public override object Kind => output;

    public override int Estimate(int index) => 1;

    public override void Prepare(int start, Span<ImageItem> items, CancellationToken cancellationToken)
    {
        for (int i = 0; i < items.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                items[i] = Ready(inputs[start + i], cancellationToken);
            }
            catch (Exception exception) when (inputs.Length > 1 && exception is InvalidDataException or NotSupportedException)
            {
                string message = $"picture {start + i} of {inputs.Length}: {exception.Message}";
                throw exception is InvalidDataException ? new InvalidDataException(message, exception) : new NotSupportedException(message, exception);
            }
        }
    }

    private ImageItem Ready(ImageInput input, CancellationToken cancellationToken)
    {
        PixelBuffer picture = input.Pixels?.ToRgb(decoding.Background) ?? decoder.Decode(input.File, decoding, cancellationToken).ToRgb(decoding.Background);
        ImageSize size = folder.Transform.SizeOf(picture.Width, picture.Height);
        long count = folder.Transform.LengthOf(size);
        if (count > decoding.MaxPixels * 3)
            throw new InvalidDataException($"a picture of {picture.Width} × {picture.Height} pixels would be made {size.Width} × {size.Height}, more than {decoding.MaxPixels} pixels. Cut it first.");
        float[] planes = ArrayPool<float>.Shared.Rent((int)count);
        folder.Transform.Apply(picture, planes.AsSpan(0, (int)count));
        picture.Return();
        return new ImageItem(this, planes, size);
    }
}

/// <summary>A picture as the model takes it.</summary>
/// <param name="Submission">The call it belongs to.</param>
/// <param name="Planes">Shape [3, height, width]; from the shared pool, so it may be longer.</param>
/// <param name="Size">Height and width.</param>
internal readonly record struct ImageItem(ImageSubmission Submission, float[] Planes, ImageSize Size) : IWorkItem
{
    public int Cost => 1;
}

/// <summary>Computes runs of pictures.</summary>
internal sealed class ImageRunner : IBatchRunner<ImageItem, float[]>
{
    public void Run(ReadOnlySpan<ImageItem> items, int threads, Span<float[]> results, CancellationToken cancellationToken)
    {
        ImageSubmission submission = items[0].Submission;
        (ImageModelFolder folder, ImageOutput output, ImageSize size) = (submission.Folder, submission.Output, items[0].Size);
        int length = (int)folder.Transform.LengthOf(size);
        float[] planes = items[0].Planes;
        if (items.Length > 1)
        {
            planes = ArrayPool<float>.Shared.Rent(length * items.Length);
            for (int row = 0; row < items.Length; row++)
            {
                items[row].Planes.AsSpan(0, length).CopyTo(planes.AsSpan(row * length));
                ArrayPool<float>.Shared.Return(items[row].Planes);
            }
        }

        var vectors = new float[items.Length][];
        using (var inputs = new OnnxInputs(folder.Onnx))
        {
            folder.Feed(inputs, planes, items.Length, size);
            using OnnxResults found = folder.Onnx.Run(inputs, output.Layers.Count > 0 ? output.Layers : [output.Name], new RunLimits(threads, cancellationToken) { IsOneRow = items.Length == 1, ShapesRepeat = folder.Transform.FixedSize is not null });
            for (int row = 0; row < vectors.Length; row++)
                vectors[row] = VectorOf(folder, output, size, found, row, vectors.Length);
        }

        ArrayPool<float>.Shared.Return(planes);
        for (int row = 0; row < vectors.Length; row++)
        {
            if (output == folder.Output && vectors[row].Length != output.Length)
                throw new InvalidDataException($"{folder.Name}: output '{output.Name}' gave {vectors[row].Length} numbers a picture, but the graph declares {output.Length}. Export the model again.");
            results[row] = vectors[row];
        }
    }

    private static float[] VectorOf(ImageModelFolder folder, ImageOutput output, ImageSize size, OnnxResults results, int row, int rows)
    {
        if (output.Layers.Count == 0)
            return output.Vector(RowOf(output.Name));
        if (output.LayerWeights is not { } weights)
            return [.. output.Layers.SelectMany(layer => output.Vector(RowOf(layer)))];
        float[] sum = [];
        for (int layer = 0; layer < weights.Count; layer++)
        {
            ReadOnlySpan<float> values = RowOf(output.Layers[layer]);
            if (layer == 0)
                sum = new float[values.Length];
            TensorPrimitives.MultiplyAdd(values, weights[layer], sum, sum);
        }

        return output.Vector(sum);

        ReadOnlySpan<float> RowOf(string name)
        {
            ReadOnlySpan<float> values = results.Floats(name, out _);
            int width = values.Length / rows;
            return folder.Real(output, values.Slice(row * width, width), size);
        }
    }
}
