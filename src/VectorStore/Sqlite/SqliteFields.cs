using System.Buffers.Binary;

namespace Polymodal.VectorStore.Sqlite;

/// <summary>The values of payloads in the table <c>field</c>, by which filters find records.</summary>
/// <remarks>
/// Numbers are SQLite's numbers, texts its texts; true and false, and moments, are blobs behind a byte that says so: then SQLite's order of
/// values is the order in which a filter compares, and values of different kinds never meet. A list is a row for each of its texts.
/// </remarks>
internal static class SqliteFields
{
    private const byte BooleanMark = 1, TimeMark = 2;

    /// <summary>Adds the values of a record.</summary>
    public static void Add(SqliteSession session, long collection, long record, Payload payload)
    {
        if (payload.Count == 0)
            return;
        using SqliteStatement insert = session.Use("INSERT OR IGNORE INTO field (collection, name, value, record) VALUES (?, ?, ?, ?)");
        Each(insert, collection, record, payload);
    }

    /// <summary>Removes the values of a record.</summary>
    public static void Remove(SqliteSession session, long collection, long record, Payload payload)
    {
        if (payload.Count == 0)
            return;
        using SqliteStatement delete = session.Use("DELETE FROM field WHERE collection = ? AND name = ? AND value = ? AND record = ?");
        Each(delete, collection, record, payload);
    }

    /// <summary>The records that a filter means, keys ascending; null when it means all.</summary>
    public static long[]? Select(SqliteSession session, SqliteCollectionRow collection, VectorFilter? filter, CancellationToken cancellationToken) =>
        filter is null or AndFilter { Filters.Count: 0 } ? null : new Selection(session, collection, cancellationToken).Of(filter);

    private static void Each(SqliteStatement statement, long collection, long record, Payload payload)
    {
        statement.Bind(1, collection);
        statement.Bind(4, record);
        foreach ((string name, PayloadValue value) in payload)
        {
            statement.Bind(2, name);
            foreach (SqlValue stored in Stored(value))
            {
                statement.Bind(3, stored);
                statement.Run();
            }
        }
    }

    private static IEnumerable<SqlValue> Stored(PayloadValue value) => value.Kind switch
    {
        PayloadKind.TextList when value.AsList().Count == 0 => [Array.Empty<byte>()], // so that the name is there
        PayloadKind.TextList => value.AsList().Select(text => (SqlValue)text),
        _ => [Single(value)],
    };

    private static SqlValue Single(PayloadValue value)
    {
        switch (value.Kind)
        {
            case PayloadKind.Integer:
                return (long)value;
            case PayloadKind.Number:
                return (double)value;
            case PayloadKind.Boolean:
                return new byte[] { BooleanMark, (bool)value ? (byte)1 : (byte)0 };
            case PayloadKind.Time:
                var time = new byte[1 + sizeof(long)];
                time[0] = TimeMark;
                BinaryPrimitives.WriteInt64BigEndian(time.AsSpan(1), ((DateTimeOffset)value).UtcTicks);
                return time;
            default:
                return (string?)value;
        }
    }

    /// <summary>Finds the records of each condition in SQL and joins the sets here, where neither their number nor their depth meets a limit of SQLite's.</summary>
    private sealed class Selection(SqliteSession session, SqliteCollectionRow collection, CancellationToken cancellationToken)
    {
        private const string Where = "SELECT record FROM field WHERE collection = ? AND name = ?";

        public long[] Of(VectorFilter filter)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return filter switch
            {
                AnyOfFilter anyOf => AnyOf(anyOf),
                RangeFilter range => Range(range),
                PrefixFilter prefix => Prefix(prefix),
                ExistsFilter exists => Sorted(Keys(Where, collection.Key, exists.Key)),
                WordsFilter words => Sorted(SqliteWords.WithAll(session, collection, words.Words)),
                AndFilter { Filters.Count: 0 } => All(),
                AndFilter and => and.Filters.Select(Of).OrderBy(keys => keys.Length).Aggregate((first, second) => Both(first, second, wanted: true)),
                OrFilter or => Sorted(or.Filters.SelectMany(Of)),
                NotFilter not => Both(All(), Of(not.Filter), wanted: false),
                _ => throw new NotSupportedException($"a filter of type {filter.GetType().Name} cannot be looked up in SQLite. Build it with the methods of VectorFilter."),
            };
        }

        private long[] All() => Sorted(Keys("SELECT key FROM record WHERE collection = ?", collection.Key));

        private long[] AnyOf(AnyOfFilter filter)
        {
            var found = new List<long>();
            foreach (PayloadValue value in filter.Values)
                found.AddRange(Keys(Where + " AND value = ?", collection.Key, filter.Key, Single(value)));
            return Sorted(found);
        }

        private long[] Range(RangeFilter filter)
        {
            PayloadKind kind = filter.Min.Kind == PayloadKind.None ? filter.Max.Kind : filter.Min.Kind;
            (SqlValue lowest, SqlValue above) = kind switch
            {
                PayloadKind.Integer or PayloadKind.Number => ((SqlValue, SqlValue))(double.NegativeInfinity, ""),
                PayloadKind.Boolean => (new byte[] { BooleanMark }, new byte[] { BooleanMark + 1 }),
                PayloadKind.Time => (new byte[] { TimeMark }, new byte[] { TimeMark + 1 }),
                _ => ("", Array.Empty<byte>()),
            };
            string lower = filter.ExcludesMin ? ">" : ">=", upper = filter.ExcludesMax ? "<" : "<=";
            return Sorted((filter.Min.Kind, filter.Max.Kind) switch
            {
                (PayloadKind.None, _) => Keys($"{Where} AND value >= ? AND value {upper} ?", collection.Key, filter.Key, lowest, Single(filter.Max)),
                (_, PayloadKind.None) => Keys($"{Where} AND value {lower} ? AND value < ?", collection.Key, filter.Key, Single(filter.Min), above),
                _ when PayloadValue.Compare(filter.Min, filter.Max) is null => [],
                _ => Keys($"{Where} AND value {lower} ? AND value {upper} ?", collection.Key, filter.Key, Single(filter.Min), Single(filter.Max)),
            });
        }

        private long[] Prefix(PrefixFilter filter)
        {
            byte[] first = System.Text.Encoding.UTF8.GetBytes(filter.Prefix);
            if (first.Length == 0)
                return Sorted(Keys(Where + " AND value >= ? AND value < ?", collection.Key, filter.Key, "", Array.Empty<byte>()));
            byte[] behind = [.. first[..^1], (byte)(first[^1] + 1)]; // no byte of UTF-8 is 255
            return Sorted(Keys(Where + " AND value >= ? AND value < ?", collection.Key, filter.Key, SqlValue.Text(first), SqlValue.Text(behind)));
        }

        private List<long> Keys(string sql, params ReadOnlySpan<SqlValue> values)
        {
            var keys = new List<long>();
            using SqliteStatement row = session.Use(sql, values);
            while (row.Step())
                keys.Add(row.Number(0));
            return keys;
        }

        private static long[] Sorted(IEnumerable<long> keys)
        {
            long[] sorted = [.. keys];
            Array.Sort(sorted);
            int count = 0;
            foreach (long key in sorted)
            {
                if (count == 0 || sorted[count - 1] != key)
                    sorted[count++] = key;
            }

            return sorted[..count];
        }

        private static long[] Both(long[] keys, long[] others, bool wanted)
        {
            var kept = new List<long>(keys.Length);
            int next = 0;
            foreach (long key in keys)
            {
                while (next < others.Length && others[next] < key)
                    next++;
                if ((next < others.Length && others[next] == key) == wanted)
                    kept.Add(key);
            }

            return [.. kept];
        }
    }
}
