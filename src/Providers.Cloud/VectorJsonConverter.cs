using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Cloud;

/// <summary>Reads a vector that is either an array of numbers or the base64 of little-endian 32-bit floats.</summary>
internal sealed class VectorJsonConverter : JsonConverter<float[]>
{
    public override float[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.StartArray => Numbers(ref reader),
        JsonTokenType.String => Base64Floats(ref reader),
        _ => throw new JsonException("a vector is neither an array of numbers nor base64"),
    };

    public override void Write(Utf8JsonWriter writer, float[] value, JsonSerializerOptions options) => throw new NotSupportedException("Vectors are only read.");

    private static float[] Numbers(ref Utf8JsonReader reader)
    {
        float[] buffer = ArrayPool<float>.Shared.Rent(4_096);
        int count = 0;
        try
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.Number)
                    throw new JsonException($"component {count} of a vector is no number");
                if (count == buffer.Length)
                {
                    float[] larger = ArrayPool<float>.Shared.Rent(2 * count);
                    buffer.AsSpan(0, count).CopyTo(larger);
                    ArrayPool<float>.Shared.Return(buffer);
                    buffer = larger;
                }

                // The text of a number is read as a double and rounded, as Python's libraries do; a number past the range of a float becomes infinite and is refused with the answer.
                buffer[count++] = Utf8Parser.TryParse(reader.ValueSpan, out float number, out int used) && used == reader.ValueSpan.Length ? number : float.NaN;
            }

            return buffer.AsSpan(0, count).ToArray();
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private static float[] Base64Floats(ref Utf8JsonReader reader)
    {
        if (!reader.TryGetBytesFromBase64(out byte[]? bytes) || bytes.Length % sizeof(float) != 0)
            throw new JsonException("a vector is no base64 of 32-bit floats");
        float[] vector = new float[bytes.Length / sizeof(float)];
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(vector);
        }
        else
        {
            for (int i = 0; i < vector.Length; i++)
                vector[i] = BitConverter.Int32BitsToSingle(System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i * sizeof(float))));
        }

        return vector;
    }
}
