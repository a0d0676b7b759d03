using System.Buffers.Binary;
using System.Text;

namespace Polymodal.VectorStore.Ordered;

/// <summary>Ids and payload values as bytes whose order, compared byte by byte, is the order of what they stand for: for databases that know neither.</summary>
/// <remarks>
/// The first byte is the kind, so values of different kinds never meet. A whole number and a number of double precision that are equal give the same bytes: the
/// nearest double, then the distance to it.
/// </remarks>
internal static class OrderedBytes
{
    private const byte BooleanMark = 1, NumberMark = 2, TimeMark = 3, TextMark = 4, EmptyListMark = 5;
    private const byte IntegerId = 1, TextId = 2, GuidId = 3;
    private const double TwoTo63 = 9223372036854775808.0;

    /// <summary>An id; at most 2,001 bytes. A text is its UTF-16 units, the surrogates moved behind the others, so that the order is that of code points.</summary>
    public static byte[] Of(RecordId id)
    {
        switch (id.Kind)
        {
            case RecordIdKind.Integer:
                var number = new byte[1 + sizeof(long)];
                number[0] = IntegerId;
                BinaryPrimitives.WriteUInt64BigEndian(number.AsSpan(1), (ulong)id.AsInteger() ^ (1UL << 63));
                return number;
            case RecordIdKind.Guid:
                return [GuidId, .. id.AsGuid().ToByteArray(bigEndian: true)];
            default:
                string text = id.AsText();
                var units = new byte[1 + (text.Length * sizeof(char))];
                units[0] = TextId;
                for (int i = 0; i < text.Length; i++)
                    BinaryPrimitives.WriteUInt16BigEndian(units.AsSpan(1 + (i * sizeof(char))), Moved(text[i]));
                return units;
        }
    }

    /// <summary>The id of <see cref="Of(RecordId)"/>'s bytes.</summary>
    public static RecordId ToId(ReadOnlySpan<byte> bytes)
    {
        switch (bytes[0])
        {
            case IntegerId:
                return (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]) ^ (1UL << 63));
            case GuidId:
                return new Guid(bytes[1..], bigEndian: true);
            default:
                var text = new char[(bytes.Length - 1) / sizeof(char)];
                for (int i = 0; i < text.Length; i++)
                    text[i] = MovedBack(BinaryPrimitives.ReadUInt16BigEndian(bytes[(1 + (i * sizeof(char)))..]));
                return new string(text);
        }
    }

    /// <summary>The values under a key: one, or one for each text of a list; a list without texts has a mark of its own.</summary>
    public static IEnumerable<byte[]> Of(PayloadValue value) => value.Kind switch
    {
        PayloadKind.TextList when value.AsList().Count == 0 => [[EmptyListMark]],
        PayloadKind.TextList => value.AsList().Distinct(StringComparer.Ordinal).Select(text => Single(text)),
        _ => [Single(value)],
    };

    /// <summary>One value that is no list.</summary>
    public static byte[] Single(PayloadValue value)
    {
        switch (value.Kind)
        {
            case PayloadKind.Boolean:
                return [BooleanMark, (bool)value ? (byte)1 : (byte)0];
            case PayloadKind.Integer:
                return Number((long)value);
            case PayloadKind.Number:
                double number = (double)value;
                return number is >= -TwoTo63 and < TwoTo63 && number == Math.Truncate(number) ? Number((long)number) : Number(number, 0);
            case PayloadKind.Time:
                var time = new byte[1 + sizeof(long)];
                time[0] = TimeMark;
                BinaryPrimitives.WriteInt64BigEndian(time.AsSpan(1), ((DateTimeOffset)value).UtcTicks);
                return time;
            default:
                return [TextMark, .. Encoding.UTF8.GetBytes((string)value!)];
        }
    }

    /// <summary>The first bytes behind all that begin with these; null when there are none.</summary>
    public static byte[]? Behind(ReadOnlySpan<byte> beginning)
    {
        int last = beginning.LastIndexOfAnyExcept(byte.MaxValue);
        return last < 0 ? null : [.. beginning[..last], (byte)(beginning[last] + 1)];
    }

    private static byte[] Number(long whole)
    {
        double nearest = whole;
        // The double nearest to long.MaxValue is 2^63, which is no long.
        return Number(nearest, nearest >= TwoTo63 ? (short)(whole - long.MaxValue - 1) : (short)(whole - (long)nearest));
    }

    private static byte[] Number(double nearest, short distance)
    {
        long bits = BitConverter.DoubleToInt64Bits(nearest == 0 ? 0 : nearest); // no negative zero
        var bytes = new byte[1 + sizeof(long) + sizeof(short)];
        bytes[0] = NumberMark;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(1), bits < 0 ? ~(ulong)bits : (ulong)bits ^ (1UL << 63));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(1 + sizeof(long)), (ushort)(distance ^ short.MinValue));
        return bytes;
    }

    private static ushort Moved(char unit) => (ushort)(unit >= 0xE000 ? unit - 0x800 : unit >= 0xD800 ? unit + 0x2000 : unit);

    private static char MovedBack(ushort unit) => (char)(unit >= 0xF800 ? unit - 0x2000 : unit >= 0xD800 ? unit + 0x800 : unit);
}
