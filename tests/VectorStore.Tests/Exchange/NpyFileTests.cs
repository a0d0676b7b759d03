using System.Text;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.Exchange;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("v.npy");

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(0), InlineData(1), InlineData(100)]
    public async Task What_is_written_is_read_bit_for_bit(int count)
    {
        float[][] vectors = [.. Enumerable.Range(0, count).Select(i => Vector(new(i), 7))];
        if (count > 0)
            vectors[0] = [-0f, float.Epsilon, float.MaxValue, float.MinValue, 1, 2, 3];

        Assert.Equal(count, await NpyFile.WriteAsync(File, 7, vectors.Select(vector => (ReadOnlyMemory<float>)vector).ToAsyncEnumerable()));

        Assert.Equal(vectors.SelectMany(vector => vector).Select(BitConverter.SingleToInt32Bits), NpyFile.Read(File).SelectMany(vector => vector.ToArray()).Select(BitConverter.SingleToInt32Bits));
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        Assert.Equal(0, (bytes.Length - (count * 28)) % 64); // NumPy aligns the numbers
        Assert.Equal((byte)'\n', bytes[bytes.Length - (count * 28) - 1]);
    }

    [Theory]
    [InlineData(1, 0, 118), InlineData(2, 0, 116), InlineData(3, 0, 116)]
    public void Every_version_of_the_header_is_read(byte major, byte minor, int length)
    {
        byte[] size = major == 1 ? BitConverter.GetBytes((ushort)length) : BitConverter.GetBytes(length);
        byte[] header = Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".PadRight(length - 1) + "\n");
        System.IO.File.WriteAllBytes(File, [0x93, .. "NUMPY"u8, major, minor, .. size, .. header, .. new float[] { 1, 2, 3, 4.5f }.SelectMany(BitConverter.GetBytes)]);
        Assert.Equal([1, 2, 3, 4.5f], NpyFile.Read(File).SelectMany(vector => vector.ToArray()));
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }", "<f8")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", "True")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }", "1 × 3")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }", "shape")]
    public void Another_array_is_refused(string header, string says)
    {
        System.IO.File.WriteAllBytes(File, [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.ASCII.GetBytes(header), .. new byte[8]]);
        Assert.Contains(says, Assert.Throws<InvalidDataException>(() => NpyFile.Read(File).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_array_or_is_cut_is_refused()
    {
        foreach (byte[] content in (byte[][])[[], [.. "no array at all"u8], [0x93, .. "NUMPY"u8, 1, 0, 0xFF, 0xFF], [0x93, .. "NUMPY"u8, 1, 0, 0, 0]])
        {
            System.IO.File.WriteAllBytes(File, content);
            Assert.Throws<InvalidDataException>(() => NpyFile.Read(File).Count());
        }
    }
}
