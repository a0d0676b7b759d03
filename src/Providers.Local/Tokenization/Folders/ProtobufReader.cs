using System.Buffers.Binary;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Reads the fields of a protocol buffer message one after the other.</summary>
/// <param name="message">The message.</param>
/// <param name="source">The file's name, for messages.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string source)
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private ReadOnlySpan<byte> _rest = message;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;
    private int _wire;

    /// <summary>Number of the field read last.</summary>
    public int Field { get; private set; }

    /// <summary>Reads the next field.</summary>
    /// <exception cref="InvalidDataException">The message ends inside it, or it is of a kind that does not exist.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
            return false;
        ulong key = ReadVarint();
        Field = (int)Math.Min(key >> 3, int.MaxValue);
        _wire = (int)(key & 7);
        _bytes = default;
        switch (_wire)
        {
            case Varint:
                _number = ReadVarint();
                break;
            case Fixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case Bytes:
                _bytes = Take(ReadVarint());
                break;
            case Fixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw Damaged($"field {Field} has wire type {_wire}");
        }

        return true;
    }

    /// <summary>The field as bytes or a message.</summary>
    public readonly ReadOnlySpan<byte> Content() => _wire == Bytes ? _bytes : throw Damaged($"field {Field} is not of bytes");

    /// <summary>The field as text.</summary>
    public readonly string Text() => System.Text.Encoding.UTF8.GetString(Content());

    /// <summary>The field as a whole number.</summary>
    public readonly int Integer() => _wire == Varint ? unchecked((int)_number) : throw Damaged($"field {Field} is not a whole number");

    /// <summary>The field as true or false.</summary>
    public readonly bool Boolean() => Integer() != 0;

    /// <summary>The field as a number with a fraction.</summary>
    public readonly float Float() => _wire == Fixed32 ? BitConverter.UInt32BitsToSingle((uint)_number) : throw Damaged($"field {Field} is not a 32-bit fraction");

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }

        throw Damaged("a number has more than ten bytes");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
            throw Damaged($"it ends inside field {Field}");
        ReadOnlySpan<byte> taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private readonly InvalidDataException Damaged(string problem) => new($"{source} is no SentencePiece model: {problem}. Fetch the file again.");
}
