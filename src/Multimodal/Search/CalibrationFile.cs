using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polymodal.Multimodal;

/// <summary>Calibrations as JSON: a version and one entry a query medium and item medium.</summary>
internal static class CalibrationFile
{
    private const int Version = 1;

    public static void Write(string path, MediumCalibration[] calibrations)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, new CalibrationDocument(Version, calibrations), CalibrationJson.Default.CalibrationDocument));
    }

    public static MediumCalibration[] Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string file = Path.GetFileName(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            CalibrationDocument document = JsonSerializer.Deserialize(stream, CalibrationJson.Default.CalibrationDocument) ?? throw new InvalidDataException($"{file} holds null. Calibrate again.");
            if (document.Version != Version)
                throw new InvalidDataException($"{file} has version {document.Version}; this build reads {Version}. Calibrate again.");
            return document.Calibrations is { Length: > 0 } entries && Array.TrueForAll(entries, entry => entry.ScoreDeviation > 0 && double.IsFinite(entry.ScoreMean) && double.IsFinite(entry.ScoreDeviation)) ? entries
                : throw new InvalidDataException($"{file} holds no calibration, or one whose deviation is not above 0. Calibrate again.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file} is no file of calibrations: {exception.Message} Calibrate again.", exception);
        }
    }
}

/// <summary>The file.</summary>
internal sealed record CalibrationDocument(int Version, MediumCalibration[]? Calibrations);

/// <summary>Vectors as arrays of numbers.</summary>
internal sealed class VectorConverter : JsonConverter<ReadOnlyMemory<float>>
{
    public override ReadOnlyMemory<float> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var numbers = new List<float>();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("a vector is an array of numbers.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            numbers.Add(reader.TokenType == JsonTokenType.Number ? reader.GetSingle() : throw new JsonException("a vector is an array of numbers."));
        return numbers.ToArray();
    }

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<float> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (float number in value.Span)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(VectorConverter)])]
[JsonSerializable(typeof(CalibrationDocument))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
