using System.Buffers.Binary;
using System.Text;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Evaluation.Tests;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Every_half_is_widened_exactly()
    {
        // All 65,536 halves: normal, subnormal, infinite, NaN.
        byte[] data = new byte[2 * 65_536];
        for (int bits = 0; bits < 65_536; bits++)
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(2 * bits), (ushort)bits);
        float[] values = Read(Entry("F16", "[256, 256]", 0, data.Length), data).Floats("t");
        Assert.Equal(Enumerable.Range(0, 65_536).Select(Half), values);
        Assert.Equal(5.9604645e-8f, values[1]); // the smallest subnormal, 2^-24
        Assert.Equal((65_504f, float.PositiveInfinity, float.NegativeInfinity), (values[0x7BFF], values[0x7C00], values[0xFC00]));
        Assert.True(float.IsNaN(values[0x7E00]));
        Assert.True(float.IsNegative(values[0x8000]));

        static float Half(int bits)
        {
            int exponent = (bits >> 10) & 31, fraction = bits & 1023;
            double size = exponent switch
            {
                0 => fraction * Math.Pow(2, -24),
                31 => fraction == 0 ? double.PositiveInfinity : double.NaN,
                _ => (1024 + fraction) * Math.Pow(2, exponent - 25),
            };
            return (float)(bits < 0x8000 ? size : -size);
        }
    }

    [Fact]
    public void Floats_keep_their_bits()
    {
        float[] values = [0, -0f, float.Epsilon, float.MaxValue, float.NegativeInfinity, float.NaN, 1.1f];
        byte[] data = [.. values.SelectMany(BitConverter.GetBytes)];
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), Read(Entry("F32", "[7]", 0, 28), data).Floats("t").Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Whole_numbers_of_each_kind_become_int64()
    {
        byte[] data = [.. BitConverter.GetBytes(long.MinValue), .. BitConverter.GetBytes(long.MaxValue), .. BitConverter.GetBytes(int.MinValue), .. BitConverter.GetBytes(-1), 0, 127, 128, 255];
        SafeTensors tensors = Read("""
            {"a":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"b":{"dtype":"I32","shape":[1,2],"data_offsets":[16,24]},"c":{"dtype":"U8","shape":[2,2],"data_offsets":[24,28]},"__metadata__":{"format":"pt"}}
            """, data);
        Assert.Equal([long.MinValue, long.MaxValue], tensors.Integers("a"));
        Assert.Equal([int.MinValue, -1L], tensors.Integers("b"));
        Assert.Equal([0L, 127, 128, 255], tensors.Integers("c"));
        Assert.Equal(["a", "b", "c"], tensors.Names.Order(StringComparer.Ordinal));
        Assert.Equal([2, 2], tensors.Shape("c"));
        Assert.True(tensors.IsInteger("a") && tensors.IsInteger("c"));
        Assert.False(tensors.Has("__metadata__"));
    }

    [Fact]
    public void Empty_tensor_has_no_numbers_and_a_scalar_has_one()
    {
        SafeTensors tensors = Read("""{"none":{"dtype":"F32","shape":[0,384],"data_offsets":[0,0]},"one":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", BitConverter.GetBytes(2.5f));
        Assert.Empty(tensors.Floats("none"));
        Assert.Equal([0, 384], tensors.Shape("none"));
        Assert.Equal([2.5f], tensors.Floats("one"));
        Assert.Empty(Read("{}", []).Names);
    }

    [Fact]
    public void Wrong_kind_is_named_with_those_that_are_read()
    {
        SafeTensors tensors = Read("""{"f":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]);
        Assert.Contains("'f' is of type U64; supported as numbers with a fraction: F32, F16", Assert.Throws<NotSupportedException>(() => tensors.Floats("f")).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => tensors.Floats("i"));
        Assert.Contains("'f' is of type U64; supported as whole numbers: I64, I32, U8", Assert.Throws<NotSupportedException>(() => tensors.Integers("f")).Message, StringComparison.Ordinal);
        Assert.Contains("'other'", Assert.Throws<KeyNotFoundException>(() => tensors.Floats("other")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F32", "[2]", 0, 4)] // shape and place disagree
    [InlineData("F32", "[1]", 4, 8)] // behind the end
    [InlineData("F32", "[1]", -4, 0)] // before the data, in the header
    [InlineData("F32", "[1]", 4, 0)]
    [InlineData("F32", "[-1, -1]", 0, 4)]
    [InlineData("F32", "[-1]", 4, 0)]
    [InlineData("F32", "[0, -5]", 0, 0)]
    [InlineData("F64", "[1073741824, 1073741824]", 0, 0)] // 2^60 × 64 bits is 2^66, which wraps to nothing
    [InlineData("F32", "[2147483647, 2147483647, 2147483647]", 0, 4)]
    [InlineData("F32", "[4294967296]", 0, 4)]
    [InlineData("F32", "[1.5]", 0, 4)]
    [InlineData("F32", "1", 0, 4)]
    [InlineData("F32", "[\"1\"]", 0, 4)]
    [InlineData("F32", "[1]", 9223372036854775807, 9223372036854775807)]
    [InlineData("F32", "[1]", 0, 9223372036854775807)]
    [InlineData("", "[4]", 0, 4)]
    public void Impossible_place_is_a_damaged_file(string type, string shape, long start, long end) => IsDamaged(Bytes(Entry(type, shape, start, end), new byte[4]));

    [Theory]
    [InlineData("[]"), InlineData("7"), InlineData("{"), InlineData("{\"t\":7}"), InlineData("{\"t\":{}}"), InlineData("{\"t\":{\"dtype\":5,\"shape\":[],\"data_offsets\":[0,0]}}")]
    [InlineData("{\"t\":{\"dtype\":null,\"shape\":[],\"data_offsets\":[0,0]}}"), InlineData("{\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0]}}")]
    [InlineData("{\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":7}}"), InlineData("{\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[\"0\",0]}}")]
    public void Header_of_another_form_is_a_damaged_file(string header) => IsDamaged(Bytes(header, new byte[4]));

    [Theory, InlineData(long.MaxValue), InlineData(long.MinValue), InlineData(-1), InlineData(0), InlineData(1), InlineData(100_000_001), InlineData(1L << 32), InlineData(1_000)]
    public void Header_longer_than_the_file_allocates_nothing(long length)
    {
        byte[] file = Bytes(Entry("U8", "[4]", 0, 4), new byte[4]);
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        IsDamaged(file);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void File_cut_anywhere_is_damaged()
    {
        byte[] whole = Bytes("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}}""", new byte[16]);
        Assert.All(Enumerable.Range(0, whole.Length), length => IsDamaged(whole[..length]));
        File.WriteAllBytes(_file, whole);
        Assert.Equal(2, SafeTensors.Read(_file).Names.Count);
    }

    // Whatever a wrong byte makes of the header, nothing but a reading that fits the data or a damaged file comes of it.
    [Fact]
    public void Any_wrong_byte_of_the_header_is_read_or_refused()
    {
        byte[] whole = Bytes("""{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}""", new byte[8]);
        foreach (byte wrong in "\"{}[]9-,:\0\u00FFe"u8.ToArray())
        {
            for (int at = 0; at < whole.Length - 8; at++)
            {
                byte[] file = [.. whole];
                file[at] = wrong;
                File.WriteAllBytes(_file, file);
                try
                {
                    SafeTensors tensors = SafeTensors.Read(_file);
                    foreach (string name in tensors.Names)
                        Assert.Equal(8, tensors.Shape(name).Aggregate(1, (product, axis) => product * axis) * (tensors.IsInteger(name) ? 1 : 4));
                }
                catch (InvalidDataException)
                {
                    // refused
                }
            }
        }
    }

    private static string Entry(string type, string shape, long start, long end) => $$$"""{"t":{"dtype":"{{{type}}}","shape":{{{shape}}},"data_offsets":[{{{start}}},{{{end}}}]}}""";

    private static byte[] Bytes(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data];
    }

    private SafeTensors Read(string header, byte[] data)
    {
        File.WriteAllBytes(_file, Bytes(header, data));
        return SafeTensors.Read(_file);
    }

    private void IsDamaged(byte[] file)
    {
        File.WriteAllBytes(_file, file);
        Assert.Contains(Path.GetFileName(_file), Assert.Throws<InvalidDataException>(() => SafeTensors.Read(_file)).Message, StringComparison.Ordinal);
    }
}
