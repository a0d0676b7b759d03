using System.Globalization;

namespace Polymodal.VectorStore;

/// <summary>What a <see cref="PayloadValue"/> holds.</summary>
public enum PayloadKind
{
    /// <summary>Nothing: the key is not there.</summary>
    None,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>A number of double precision; finite.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A moment, kept in UTC to 100 ns.</summary>
    Time,

    /// <summary>Texts, in order.</summary>
    TextList,
}

/// <summary>One value of a <see cref="Payload"/>. Plain values convert to it by themselves (<c>payload["year"] = 2020</c>) and back by a cast (<c>(long)payload["year"]</c>).</summary>
/// <remarks>
/// Comparing gives what a filter would: whole and other numbers compare by value; values of different kinds, and a missing one, are
/// neither equal nor before or after one another (two missing values are equal). Immutable.
/// </remarks>
public readonly struct PayloadValue : IEquatable<PayloadValue>
{
    private const double TwoTo63 = 9223372036854775808.0;

    private readonly object? _object;
    private readonly long _bits;

    private PayloadValue(PayloadKind kind, object? content, long bits) => (Kind, _object, _bits) = (kind, content, bits);

    /// <summary>What the value is.</summary>
    public PayloadKind Kind { get; }

    /// <summary>A text; null is no value.</summary>
    public static implicit operator PayloadValue(string? text) => text is null ? default : new(PayloadKind.Text, text, 0);

    /// <summary>A whole number.</summary>
    public static implicit operator PayloadValue(long number) => new(PayloadKind.Integer, null, number);

    /// <summary>A number.</summary>
    /// <param name="number">Finite; a store refuses NaN and infinity.</param>
    public static implicit operator PayloadValue(double number) => new(PayloadKind.Number, null, BitConverter.DoubleToInt64Bits(number));

    /// <summary>True or false.</summary>
    public static implicit operator PayloadValue(bool value) => new(PayloadKind.Boolean, null, value ? 1 : 0);

    /// <summary>A moment. Its distance from UTC is not kept.</summary>
    public static implicit operator PayloadValue(DateTimeOffset time) => new(PayloadKind.Time, null, time.UtcTicks);

    /// <summary>Texts; null is no value. The array is copied.</summary>
    public static implicit operator PayloadValue(string[]? texts) => texts is null ? default : new(PayloadKind.TextList, texts.ToArray(), 0);

    /// <summary>Texts.</summary>
    /// <param name="texts">Copied; none of them null.</param>
    public static PayloadValue List(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return new(PayloadKind.TextList, texts.ToArray(), 0);
    }

    /// <summary>The text; null when there is no value.</summary>
    /// <exception cref="InvalidCastException">The value is of another kind.</exception>
    public static explicit operator string?(PayloadValue value) => value.Kind == PayloadKind.None ? null : (string)value.Checked(PayloadKind.Text)._object!;

    /// <summary>The whole number.</summary>
    /// <exception cref="InvalidCastException">The value is of another kind.</exception>
    public static explicit operator long(PayloadValue value) => value.Checked(PayloadKind.Integer)._bits;

    /// <summary>The number; a whole one is converted.</summary>
    /// <exception cref="InvalidCastException">The value is of another kind.</exception>
    public static explicit operator double(PayloadValue value) =>
        value.Kind == PayloadKind.Integer ? value._bits : BitConverter.Int64BitsToDouble(value.Checked(PayloadKind.Number)._bits);

    /// <summary>True or false.</summary>
    /// <exception cref="InvalidCastException">The value is of another kind.</exception>
    public static explicit operator bool(PayloadValue value) => value.Checked(PayloadKind.Boolean)._bits != 0;

    /// <summary>The moment, in UTC.</summary>
    /// <exception cref="InvalidCastException">The value is of another kind.</exception>
    public static explicit operator DateTimeOffset(PayloadValue value) => new(value.Checked(PayloadKind.Time)._bits, TimeSpan.Zero);

    /// <summary>The texts; a single text is a list of one, no value an empty list.</summary>
    /// <exception cref="InvalidCastException">The value is of another kind.</exception>
    public IReadOnlyList<string> AsList() => Kind switch
    {
        PayloadKind.None => [],
        PayloadKind.Text => [(string)_object!],
        _ => (string[])Checked(PayloadKind.TextList)._object!,
    };

    /// <summary>Whether the value is a text that begins so, or a list with such a text; by code units, case matters.</summary>
    /// <param name="prefix">The beginning.</param>
    public bool StartsWith(string prefix) => Texts.Any(text => text.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether the value is this text or a list with it.</summary>
    /// <param name="text">The text.</param>
    public bool Contains(string text) => Texts.Contains(text, StringComparer.Ordinal);

    /// <summary>Compares two values that have an order: two numbers, two texts (by code points), two moments, or false before true.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other.</param>
    /// <returns>Below, at or above 0; null when they cannot be compared.</returns>
    public static int? Compare(PayloadValue first, PayloadValue second) => (first.Kind, second.Kind) switch
    {
        (PayloadKind.Number, PayloadKind.Number) => ((double)first).CompareTo((double)second),
        (PayloadKind.Integer, PayloadKind.Number) => CompareMixed(first._bits, (double)second),
        (PayloadKind.Number, PayloadKind.Integer) => -CompareMixed(second._bits, (double)first),
        (PayloadKind.Text, PayloadKind.Text) => ((RecordId)(string)first._object!).CompareTo((string)second._object!),
        (PayloadKind.Integer or PayloadKind.Boolean or PayloadKind.Time, _) when first.Kind == second.Kind => first._bits.CompareTo(second._bits),
        _ => null,
    };

    /// <inheritdoc/>
    public bool Equals(PayloadValue other) => Kind switch
    {
        PayloadKind.None => other.Kind == PayloadKind.None,
        PayloadKind.TextList => other.Kind == PayloadKind.TextList && ((string[])_object!).AsSpan().SequenceEqual((string[])other._object!),
        _ => Compare(this, other) == 0,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PayloadValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind switch
    {
        PayloadKind.Integer or PayloadKind.Number => ((double)this).GetHashCode(), // equal numbers of both kinds share it
        PayloadKind.Text => string.GetHashCode((string)_object!, StringComparison.Ordinal),
        PayloadKind.TextList => ((string[])_object!).Length,
        _ => HashCode.Combine(Kind, _bits),
    };

    /// <summary>For people: the value in invariant notation.</summary>
    public override string ToString() => Kind switch
    {
        PayloadKind.Text => (string)_object!,
        PayloadKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        PayloadKind.Number => ((double)this).ToString("R", CultureInfo.InvariantCulture),
        PayloadKind.Boolean => _bits != 0 ? "true" : "false",
        PayloadKind.Time => ((DateTimeOffset)this).ToString("O", CultureInfo.InvariantCulture),
        PayloadKind.TextList => string.Join(", ", (string[])_object!),
        _ => "",
    };

    /// <summary>Whether two values are equal.</summary>
    public static bool operator ==(PayloadValue left, PayloadValue right) => left.Equals(right);

    /// <summary>Whether two values differ.</summary>
    public static bool operator !=(PayloadValue left, PayloadValue right) => !left.Equals(right);

    /// <summary>Whether the values have an order and the left one is smaller.</summary>
    public static bool operator <(PayloadValue left, PayloadValue right) => Compare(left, right) < 0;

    /// <summary>Whether the values have an order and the left one is larger.</summary>
    public static bool operator >(PayloadValue left, PayloadValue right) => Compare(left, right) > 0;

    /// <summary>Whether the values have an order and the left one is not larger.</summary>
    public static bool operator <=(PayloadValue left, PayloadValue right) => Compare(left, right) <= 0;

    /// <summary>Whether the values have an order and the left one is not smaller.</summary>
    public static bool operator >=(PayloadValue left, PayloadValue right) => Compare(left, right) >= 0;

    internal IReadOnlyList<string> Texts => Kind is PayloadKind.Text or PayloadKind.TextList ? AsList() : [];

    // A whole number near 2^63 is not a double: compare with the whole part, then look at the rest.
    private static int CompareMixed(long whole, double number)
    {
        if (number >= TwoTo63)
            return -1;
        if (number < -TwoTo63)
            return 1;
        double floor = Math.Floor(number);
        return whole.CompareTo((long)floor) is not 0 and int byWhole ? byWhole : floor < number ? -1 : 0;
    }

    private PayloadValue Checked(PayloadKind wanted) =>
        Kind == wanted ? this : throw new InvalidCastException($"the payload value is of kind {Kind}, not {wanted}. Look at Kind first.");
}
