using System.Buffers.Binary;
using System.Globalization;

namespace Polymodal.VectorStore;

/// <summary>What a <see cref="RecordId"/> is made of. The order of the values is the order of the ids.</summary>
public enum RecordIdKind
{
    /// <summary>Nothing: <c>default(RecordId)</c>, which names no record.</summary>
    None,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A GUID.</summary>
    Guid,
}

/// <summary>The name of a record in its collection: a text, a whole number or a GUID. Each converts to it by itself: <c>Id = "a"</c>, <c>Id = 42</c>.</summary>
/// <remarks>
/// The number 42 and the text "42" are two ids, and so are a GUID and its text. Ids are ordered: numbers by value, then texts by their
/// Unicode code points (the order of their UTF-8 bytes), then GUIDs by their usual text form. Immutable.
/// </remarks>
public readonly struct RecordId : IEquatable<RecordId>, IComparable<RecordId>
{
    private static readonly object IntegerMark = new(), GuidMark = new();

    // A text, or the mark of a kind whose value stands in the two numbers.
    private readonly object? _content;
    private readonly ulong _high, _low;

    private RecordId(object content, ulong high = 0, ulong low = 0) => (_content, _high, _low) = (content, high, low);

    /// <summary>What the id is made of.</summary>
    public RecordIdKind Kind =>
        _content is string ? RecordIdKind.Text
        : _content == IntegerMark ? RecordIdKind.Integer
        : _content == GuidMark ? RecordIdKind.Guid
        : RecordIdKind.None;

    /// <summary>The id that is this text.</summary>
    /// <param name="text">1 to 1,000 characters without unpaired surrogates; checked where the id is used.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static implicit operator RecordId(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text);
    }

    /// <summary>The id that is this number.</summary>
    public static implicit operator RecordId(long number) => new(IntegerMark, 0, (ulong)number);

    /// <summary>The id that is this GUID.</summary>
    public static implicit operator RecordId(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return new(GuidMark, BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    /// <inheritdoc cref="op_Implicit(string)"/>
    public static RecordId FromText(string text) => text;

    /// <inheritdoc cref="op_Implicit(long)"/>
    public static RecordId FromInteger(long number) => number;

    /// <inheritdoc cref="op_Implicit(System.Guid)"/>
    public static RecordId FromGuid(Guid guid) => guid;

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">The id is none.</exception>
    public string AsText() => _content as string ?? throw NotA(RecordIdKind.Text);

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The id is none.</exception>
    public long AsInteger() => Kind == RecordIdKind.Integer ? (long)_low : throw NotA(RecordIdKind.Integer);

    /// <summary>The GUID.</summary>
    /// <exception cref="InvalidOperationException">The id is none.</exception>
    public Guid AsGuid()
    {
        if (Kind != RecordIdKind.Guid)
            throw NotA(RecordIdKind.Guid);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        return new(bytes, bigEndian: true);
    }

    /// <summary>The text, the number in invariant digits, or the GUID as 32 digits with hyphens; empty for no id.</summary>
    public override string ToString() => Kind switch
    {
        RecordIdKind.Text => (string)_content!,
        RecordIdKind.Integer => ((long)_low).ToString(CultureInfo.InvariantCulture),
        RecordIdKind.Guid => AsGuid().ToString(),
        _ => "",
    };

    /// <inheritdoc/>
    public bool Equals(RecordId other) =>
        _low == other._low && _high == other._high && (ReferenceEquals(_content, other._content) || (_content is string text && other._content is string otherText && text == otherText));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RecordId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _content is string text ? string.GetHashCode(text, StringComparison.Ordinal) : HashCode.Combine(Kind, _high, _low);

    /// <summary>Compares by kind, then by value; see the remarks of the type.</summary>
    public int CompareTo(RecordId other)
    {
        RecordIdKind kind = Kind;
        if (kind.CompareTo(other.Kind) is not 0 and int byKind)
            return byKind;
        return kind switch
        {
            RecordIdKind.Text => CompareText((string)_content!, (string)other._content!),
            RecordIdKind.Integer => ((long)_low).CompareTo((long)other._low),
            _ => _high.CompareTo(other._high) is not 0 and int byHigh ? byHigh : _low.CompareTo(other._low),
        };
    }

    /// <summary>Whether two ids are the same.</summary>
    public static bool operator ==(RecordId left, RecordId right) => left.Equals(right);

    /// <summary>Whether two ids differ.</summary>
    public static bool operator !=(RecordId left, RecordId right) => !left.Equals(right);

    /// <summary>Whether the left id comes first.</summary>
    public static bool operator <(RecordId left, RecordId right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left id comes last.</summary>
    public static bool operator >(RecordId left, RecordId right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left id comes first or is the same.</summary>
    public static bool operator <=(RecordId left, RecordId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left id comes last or is the same.</summary>
    public static bool operator >=(RecordId left, RecordId right) => left.CompareTo(right) >= 0;

    // UTF-16 order is that of code points, but for a surrogate against a unit above the surrogates.
    private static int CompareText(string first, string second)
    {
        int place = first.AsSpan().CommonPrefixLength(second);
        if (place == first.Length || place == second.Length)
            return first.Length.CompareTo(second.Length);
        char one = first[place], other = second[place];
        return char.IsSurrogate(one) == char.IsSurrogate(other) ? one.CompareTo(other) : char.IsSurrogate(one) ? 1 : -1;
    }

    private InvalidOperationException NotA(RecordIdKind wanted) =>
        new($"the record id is of kind {Kind}, not {wanted}. Look at Kind, or use ToString().");
}
