using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Providers.Cloud;

/// <summary>Reads a list of vectors, each as <see cref="VectorJsonConverter"/> does. A single vector without a list around it counts as a list of one.</summary>
internal sealed class VectorListJsonConverter : JsonConverter<IReadOnlyList<float[]>>
{
    private static readonly VectorJsonConverter Vector = new();

    public override IReadOnlyList<float[]> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("vectors are no array");
        Utf8JsonReader ahead = reader;
        if (ahead.Read() && ahead.TokenType == JsonTokenType.Number)
            return [Vector.Read(ref reader, typeof(float[]), options)];
        var vectors = new List<float[]>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            vectors.Add(Vector.Read(ref reader, typeof(float[]), options));
        return vectors;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<float[]> value, JsonSerializerOptions options) => throw new NotSupportedException("Vectors are only read.");
}

/// <summary>An answer that is a list of vectors and nothing else.</summary>
[JsonConverter(typeof(VectorListAnswerJsonConverter))]
internal sealed record VectorList(IReadOnlyList<float[]> Vectors);

/// <summary>Reads a <see cref="VectorList"/>.</summary>
internal sealed class VectorListAnswerJsonConverter : JsonConverter<VectorList>
{
    private static readonly VectorListJsonConverter Vectors = new();

    public override VectorList Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(Vectors.Read(ref reader, typeof(IReadOnlyList<float[]>), options));

    public override void Write(Utf8JsonWriter writer, VectorList value, JsonSerializerOptions options) => throw new NotSupportedException("Vectors are only read.");
}
