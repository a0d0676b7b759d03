using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Polymodal;

/// <summary>Vectors as a NumPy file: one array of float32 [vectors, dimensions], row by row.</summary>
/// <remarks>Format: numpy.org, "NEP 1, A simple file format for NumPy arrays", versions 1.0 to 3.0 are read, 1.0 is written. Safe for concurrent use.</remarks>
public static partial class NpyFile
{
    private const int Alignment = 64, PrefixLength = 10;
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Writes vectors, replacing the file when it exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">Length of each vector.</param>
    /// <param name="vectors">The vectors, read as they are written.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many vectors were written.</returns>
    /// <exception cref="ArgumentException">A vector has another length.</exception>
    public static async Task<long> WriteAsync(string path, int dimensions, IAsyncEnumerable<ReadOnlyMemory<float>> vectors, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using FileStream file = File.Create(path);
        byte[] place = Header(long.MaxValue, dimensions);
        await file.WriteAsync(place, cancellationToken).ConfigureAwait(false); // how many there are is known at the end
        long count = 0;
        var row = new byte[dimensions * sizeof(float)];
        await foreach (ReadOnlyMemory<float> vector in vectors.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (vector.Length != dimensions)
                throw new ArgumentException($"vector {count} has {vector.Length} dimensions, the file {dimensions}. Give vectors of one length.", nameof(vectors));
            for (int i = 0; i < dimensions; i++)
                BinaryPrimitives.WriteSingleLittleEndian(row.AsSpan(i * sizeof(float)), vector.Span[i]);
            await file.WriteAsync(row, cancellationToken).ConfigureAwait(false);
            count++;
        }

        file.Position = 0;
        await file.WriteAsync(Header(count, dimensions), cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>Reads vectors, one after the other.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is no array of little-endian float32 with two dimensions, or its end is missing.</exception>
    public static IEnumerable<ReadOnlyMemory<float>> Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        (long count, int dimensions) = ReadHeader(file, path);
        if (file.Length - file.Position != count * dimensions * sizeof(float))
            throw new InvalidDataException($"{path}: the header says {count} × {dimensions} numbers, the file holds {(file.Length - file.Position) / sizeof(float)}. Write the file again.");
        for (long i = 0; i < count; i++)
        {
            var vector = new float[dimensions];
            file.ReadExactly(MemoryMarshal.AsBytes(vector.AsSpan()));
            ReverseOnBigEndian(vector);
            yield return vector;
        }
    }

    private static void ReverseOnBigEndian(Span<float> vector)
    {
        if (BitConverter.IsLittleEndian)
            return;
        Span<int> words = MemoryMarshal.Cast<float, int>(vector);
        BinaryPrimitives.ReverseEndianness(words, words);
    }

    private static byte[] Header(long count, int dimensions)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {dimensions}), }}");
        // The longest count decides the length, so that the header can be written twice.
        int longest = text.Length + (long.MaxValue.ToString(CultureInfo.InvariantCulture).Length - count.ToString(CultureInfo.InvariantCulture).Length);
        int whole = (PrefixLength + longest + 1 + Alignment - 1) / Alignment * Alignment;
        byte[] header = [.. Magic, 1, 0, (byte)((whole - PrefixLength) & 0xFF), (byte)((whole - PrefixLength) >> 8), .. Encoding.ASCII.GetBytes(text.PadRight(whole - PrefixLength - 1) + "\n")];
        return header;
    }

    private static (long Count, int Dimensions) ReadHeader(FileStream file, string path)
    {
        var start = new byte[8];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            throw new InvalidDataException($"{path} is no NumPy file. Write it with numpy.save.");
        var length = new byte[start[6] == 1 ? 2 : 4];
        file.ReadExactly(length);
        int size = length.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadInt32LittleEndian(length);
        if (size <= 0 || size > file.Length - file.Position)
            throw new InvalidDataException($"{path}: the header has {size} bytes, the file {file.Length}. Write the file again.");
        var header = new byte[size];
        file.ReadExactly(header);
        string text = Encoding.Latin1.GetString(header);
        Match shape = Shape().Match(text);
        return text.Contains("'descr': '<f4'", StringComparison.Ordinal) && text.Contains("'fortran_order': False", StringComparison.Ordinal) && shape.Success
            && long.TryParse(shape.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out long count)
            && int.TryParse(shape.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out int dimensions) && dimensions > 0 && count <= long.MaxValue / sizeof(float) / dimensions
            ? (count, dimensions)
            : throw new InvalidDataException($"{path}: the header is '{(text.Trim() is { Length: > 100 } whole ? whole[..100] + "…" : text.Trim())}'. Save a C-contiguous array of float32 with two dimensions: numpy.save(file, numpy.ascontiguousarray(a, dtype='<f4')).");
    }

    [GeneratedRegex(@"'shape': \((\d+), (\d+)\)")]
    private static partial Regex Shape();
}
