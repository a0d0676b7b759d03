using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Polymodal.VectorStore.Ordered;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>What filters look at, and filters as conditions on it.</summary>
/// <remarks>
/// The column <c>fields</c> holds each payload value as bytes, its key in front: equality is an overlap of arrays, everything else a range of bytes. <c>marks</c> has a
/// number of 64 bits for each of them and for each key, behind an index: it narrows what is looked at and decides nothing.
/// </remarks>
internal static class PostgreSqlFilter
{
    /// <summary>The column <c>fields</c> of a payload.</summary>
    public static byte[][] FieldsOf(Payload payload) => [.. payload.SelectMany(pair => OrderedBytes.Of(pair.Value).Select(value => Field(pair.Key, value)))];

    /// <summary>The column <c>marks</c> for a payload's fields.</summary>
    public static long[] MarksOf(Payload payload, byte[][] fields) => [.. payload.Keys.Select(key => Mark(Field(key, []))).Concat(fields.Select(Mark)).Distinct()];

    /// <summary>The condition on the table <c>r</c>; null for every record.</summary>
    public static string? ToSql(VectorFilter? filter, LexicalTokenizer tokenizer, PostgreSqlStatement statement) => filter switch
    {
        null or AndFilter { Filters.Count: 0 } => null,
        _ => Condition(filter, tokenizer, statement),
    };

    private static string Condition(VectorFilter filter, LexicalTokenizer tokenizer, PostgreSqlStatement statement)
    {
        switch (filter)
        {
            case AnyOfFilter { Values.Count: 0 } or OrFilter { Filters.Count: 0 }:
                return "false";
            case AndFilter { Filters.Count: 0 }:
                return "true";
            case AnyOfFilter anyOf:
                byte[][] wanted = [.. anyOf.Values.Select(value => Field(anyOf.Key, OrderedBytes.Single(value)))];
                return $"(r.marks && {statement.Add([.. wanted.Select(Mark)])} AND r.fields && {statement.Add(wanted)})";
            case RangeFilter range:
                return Range(range, statement);
            case PrefixFilter prefix:
                return Between(prefix.Key, Field(prefix.Key, OrderedBytes.Single(prefix.Prefix)), false, null, false, statement);
            case ExistsFilter exists:
                return Between(exists.Key, Field(exists.Key, []), false, null, false, statement);
            case WordsFilter words:
                string[] tokens = [.. PostgreSqlWords.TokensOf(words.Words, tokenizer).Distinct(StringComparer.Ordinal)];
                return tokens.Length == 0 ? "false" : $"coalesce(r.words @> {statement.Add(tokens)}, false)";
            case AndFilter and:
                return "(" + string.Join(" AND ", and.Filters.Select(part => Condition(part, tokenizer, statement))) + ")";
            case OrFilter or:
                return "(" + string.Join(" OR ", or.Filters.Select(part => Condition(part, tokenizer, statement))) + ")";
            case NotFilter not:
                return $"(NOT {Condition(not.Filter, tokenizer, statement)})";
            default:
                throw new NotSupportedException($"a filter of type {filter.GetType().Name} cannot be looked up in PostgreSQL. Build it with the methods of VectorFilter.");
        }
    }

    private static string Range(RangeFilter range, PostgreSqlStatement statement)
    {
        PayloadValue known = range.Min.Kind == PayloadKind.None ? range.Max : range.Min;
        if (range.Min.Kind != PayloadKind.None && range.Max.Kind != PayloadKind.None && PayloadValue.Compare(range.Min, range.Max) is null)
            return "false";
        byte[] kind = Field(range.Key, OrderedBytes.Single(known).AsSpan(0, 1)); // the first byte parts the kinds
        byte[] from = range.Min.Kind == PayloadKind.None ? kind : Field(range.Key, OrderedBytes.Single(range.Min));
        byte[] to = range.Max.Kind == PayloadKind.None ? OrderedBytes.Behind(kind)! : Field(range.Key, OrderedBytes.Single(range.Max));
        return Between(range.Key, from, range.Min.Kind != PayloadKind.None && range.ExcludesMin, to, range.Max.Kind != PayloadKind.None && !range.ExcludesMax, statement);
    }

    /// <summary>One of the fields lies between bytes; without an end, it begins with the first ones.</summary>
    private static string Between(string key, byte[] from, bool excludesFrom, byte[]? to, bool includesTo, PostgreSqlStatement statement) =>
        $"(r.marks @> {statement.Add([Mark(Field(key, []))])} AND EXISTS (SELECT FROM unnest(r.fields) f WHERE f {(excludesFrom ? ">" : ">=")} {statement.Add(from)} AND f {(includesTo ? "<=" : "<")} {statement.Add(to ?? OrderedBytes.Behind(from)!)}))";

    private static byte[] Field(string key, ReadOnlySpan<byte> value)
    {
        byte[] name = Encoding.UTF8.GetBytes(key);
        var field = new byte[sizeof(int) + name.Length + value.Length];
        BinaryPrimitives.WriteInt32BigEndian(field, name.Length);
        name.CopyTo(field, sizeof(int));
        value.CopyTo(field.AsSpan(sizeof(int) + name.Length));
        return field;
    }

    private static long Mark(byte[] field)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(field, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}
