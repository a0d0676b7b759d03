using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Polymodal.VectorStore.Ordered;
using Polymodal.VectorStore.Sqlite;

namespace Polymodal.VectorStore.Qdrant;

/// <summary>A record as a point, and back.</summary>
/// <remarks>
/// <para>Qdrant knows ids that are numbers or UUIDs: a point's id is a hash of the record's, which stands in the payload. The payload has
/// <c>id</c>, <c>text</c>, <c>payload</c> (as <see cref="PayloadJson"/> writes it), and what searches look at: <c>fields</c>, <c>numbers</c>, <c>words</c>, <c>size</c>.</para>
/// <para>Qdrant brings vectors that are compared by cosine to unit length and forgets their own. So such vectors are stored for the dot product: as they are when they are of unit length,
/// else brought to it, and then the payload has the vector's own numbers, in <c>vectors</c>. Vectors for the other metrics that are so long that single precision overflows are there alone and marked in <c>apart</c>.</para>
/// </remarks>
internal static class QdrantPoint
{
    /// <summary>The payload keys that <see cref="Read"/> needs.</summary>
    public static readonly string[] RecordKeys = ["id", "text", "payload", "vectors"];

    /// <summary>How far from 1 the length of a vector may be that is stored as it is for the cosine.</summary>
    public const double UnitTolerance = 1e-5;

    /// <summary>The length above which products overflow single precision.</summary>
    public const double LargestSafe = 1e15;

    /// <summary>The mark of a text in <c>size</c>, whose other members are the bits of its number of tokens.</summary>
    public const string HasText = "text";

    /// <summary>The id of a record's point.</summary>
    public static string IdOf(RecordId id) => IdOf(OrderedBytes.Of(id));

    /// <summary>An id made from bytes: a UUID of version 8, whose content is free.</summary>
    public static string IdOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }

    /// <summary>A vector's name in Qdrant; a collection's own names have no brackets.</summary>
    public static string NameOf(string vector) => vector.Length == 0 ? "(default)" : vector;

    /// <summary>The payload key of the lengths of a vector compared by dot product, by which searches bound the error of the server's scores.</summary>
    public static string LengthKey(VectorCollectionDefinition definition, string vector) => FormattableString.Invariant($"length{definition.Vectors.Keys.ToList().IndexOf(vector)}");

    /// <summary>Writes the point.</summary>
    public static void Write(Utf8JsonWriter json, VectorRecord record, VectorCollectionDefinition definition)
    {
        json.WriteStartObject();
        json.WriteString("id", IdOf(record.Id));
        json.WriteStartObject("vector");
        var own = new List<(string Name, ReadOnlyMemory<float> Vector)>();
        var apart = new List<string>();
        var lengths = new List<(string Key, double Length)>();
        foreach ((string name, var embedding) in record.Vectors)
        {
            ReadOnlySpan<float> vector = embedding.Vector.Span;
            double length = LengthOf(vector);
            SimilarityMetric metric = definition.Vectors[name].Metric;
            if (metric == SimilarityMetric.Cosine && length > 0 && Math.Abs(length - 1) > UnitTolerance)
            {
                own.Add((name, embedding.Vector));
                var unit = new float[vector.Length];
                for (int i = 0; i < unit.Length; i++)
                    unit[i] = (float)(vector[i] / length);
                WriteVector(json, NameOf(name), unit);
            }
            else if (metric != SimilarityMetric.Cosine && length > LargestSafe)
            {
                own.Add((name, embedding.Vector));
                apart.Add(name);
            }
            else
            {
                WriteVector(json, NameOf(name), vector);
                if (metric == SimilarityMetric.DotProduct)
                    lengths.Add((LengthKey(definition, name), length));
            }
        }

        string[] tokens = record.Text is null ? [] : [.. LexicalTokens.Of(record.Text, definition.Tokenizer)];
        if (tokens.Length > 0)
            QdrantWords.Write(json, tokens);
        json.WriteEndObject();
        json.WriteStartObject("payload");
        json.WriteString("id", Convert.ToHexStringLower(OrderedBytes.Of(record.Id)));
        json.WriteString("name", record.Id.ToString()); // for people
        if (record.Text is not null)
            json.WriteString("text", record.Text);
        json.WritePropertyName("payload");
        PayloadJson.Write(json, record.Payload);
        WriteList(json, "fields", QdrantFilter.TokensOf(record.Payload));
        WriteNumbers(json, record.Payload);
        if (own.Count > 0)
        {
            json.WriteStartObject("vectors");
            foreach ((string name, ReadOnlyMemory<float> vector) in own)
                json.WriteBase64String(NameOf(name), SqliteRecords.ToLittleEndian(vector.Span));
            json.WriteEndObject();
        }

        if (apart.Count > 0)
            WriteList(json, "apart", apart.Select(NameOf));
        foreach ((string key, double length) in lengths)
            json.WriteNumber(key, length);
        if (record.Text is not null)
        {
            WriteList(json, "words", tokens.Distinct(StringComparer.Ordinal));
            WriteList(json, "size", Enumerable.Range(0, QdrantWords.SizeBits).Where(bit => (tokens.Length >> bit & 1) != 0).Select(bit => bit.ToString(System.Globalization.CultureInfo.InvariantCulture)).Append(HasText));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The id of a record from its point.</summary>
    public static RecordId ReadId(JsonElement point) => OrderedBytes.ToId(Convert.FromHexString(point.GetProperty("payload").GetProperty("id").GetString()!));

    /// <summary>The record of a point; without vectors when the point was read without.</summary>
    public static VectorRecord Read(JsonElement point, VectorCollectionDefinition definition)
    {
        JsonElement payload = point.GetProperty("payload");
        var vectors = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);
        bool hasOwn = payload.TryGetProperty("vectors", out JsonElement own);
        foreach (string name in definition.Vectors.Keys)
        {
            if (hasOwn && own.TryGetProperty(NameOf(name), out JsonElement bytes))
            {
                float[] vector = MemoryMarshal.Cast<byte, float>(bytes.GetBytesFromBase64()).ToArray();
                SqliteRecords.ReverseOnBigEndian(vector);
                vectors[name] = vector;
            }
            else if (point.TryGetProperty("vector", out JsonElement stored) && stored.ValueKind == JsonValueKind.Object && stored.TryGetProperty(NameOf(name), out JsonElement numbers))
            {
                vectors[name] = numbers.EnumerateArray().Select(number => number.GetSingle()).ToArray();
            }
        }

        return new()
        {
            Id = ReadId(point),
            Text = payload.TryGetProperty("text", out JsonElement text) ? text.GetString() : null,
            Payload = payload.TryGetProperty("payload", out JsonElement values) ? PayloadJson.Read(values) : Payload.Empty,
            Vectors = VectorRules.Stamped(vectors, definition),
        };
    }

    /// <summary>A vector's length, in double precision.</summary>
    public static double LengthOf(ReadOnlySpan<float> vector)
    {
        var wide = new double[vector.Length];
        TensorPrimitives.ConvertChecked(vector, wide);
        return TensorPrimitives.Norm<double>(wide);
    }

    /// <summary>Writes a list of texts.</summary>
    public static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>Writes numbers.</summary>
    public static void WriteVector(Utf8JsonWriter json, string name, ReadOnlySpan<float> vector)
    {
        json.WriteStartArray(name);
        foreach (float number in vector)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, Payload payload)
    {
        json.WriteStartObject("numbers");
        foreach ((string key, PayloadValue value) in payload)
        {
            if (value.Kind is PayloadKind.Integer or PayloadKind.Number && QdrantFilter.IsPath(key))
                json.WriteNumber(key, (double)value);
        }

        json.WriteEndObject();
    }
}
