using System.Globalization;
using System.IO.Compression;
using System.Text;
using Polymodal.Providers.Local.StaticVectors;

namespace Polymodal.Providers.Local.Tests.StaticVectors;

/// <summary>Files of word vectors in every dialect, and damaged ones.</summary>
public sealed class WordVectorsFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("sample.glove.txt")]
    [InlineData("sample.word2vec.txt")]
    [InlineData("sample.word2vec.bin")]
    public void Every_format_is_read_gzipped_too_and_in_part(string name)
    {
        string file = Repository.Reference($"evaluation/words/{name}"), packed = Path.Combine(_folder.FullName, name + ".gz");
        using (var gzip = new GZipStream(File.Create(packed), CompressionLevel.Fastest))
            gzip.Write(File.ReadAllBytes(file));
        WordVectors plain = WordVectors.Load(file), unpacked = WordVectors.Load(packed), part = WordVectors.Load(packed, new() { MaxWords = 7 });

        Assert.Equal((50, 50), (plain.Count, plain.Dimensions));
        Assert.Equal("the", plain.Words[0]);
        Assert.Equal(0.418f, plain["the"][0]);
        Assert.Equal(plain.Words, unpacked.Words);
        Assert.Equal(plain.Words.Take(7), part.Words);
        for (int word = 0; word < plain.Count; word++)
            Assert.Equal(plain.VectorAt(word), unpacked.VectorAt(word));
    }

    [Fact]
    public void A_word_may_hold_spaces_a_line_may_end_in_any_way_and_the_first_of_two_equal_words_counts()
    {
        WordVectors table = Read("at name@ com 1 2\r\nb 3 -4e-1 \n. . . 5 6\t\n\nb 9 9\nno-break\u00a0space 7 8");
        Assert.Equal(["at name@ com", "b", ". . .", "b", "no-break\u00a0space"], table.Words);
        Assert.Equal([3f, -0.4f], table["b"].ToArray());
        Assert.Equal([7f, 8f], table["no-break\u00a0space"].ToArray());
    }

    [Fact]
    public void Binary_records_are_read_with_and_without_line_feeds_whatever_bytes_their_numbers_have()
    {
        // 0x20202020 and 0x0A0A0A0A are numbers too, of spaces and line feeds.
        float spaces = BitConverter.Int32BitsToSingle(0x20202020), feeds = BitConverter.Int32BitsToSingle(0x0A0A0A0A);
        foreach (string separator in new[] { "", "\n" })
        {
            WordVectors table = WordVectors.Load(Write([.. "2 2\n"u8, .. Record("a", spaces, feeds), .. Encoding.UTF8.GetBytes(separator), .. Record("é", feeds, 1), .. Encoding.UTF8.GetBytes(separator)]));
            Assert.Equal(["a", "é"], table.Words);
            Assert.Equal([spaces, feeds], table["a"].ToArray());
            Assert.Equal([feeds, 1], table["é"].ToArray());
        }
    }

    [Fact]
    public void A_file_longer_than_any_buffer_keeps_every_row_in_its_place()
    {
        string[] lines = [.. Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"word{i} {i} {-i} 0.5 1e-3"))];
        WordVectors table = Read(string.Join('\n', lines));
        Assert.Equal(20_000, table.Count);
        foreach (int word in new[] { 0, 1, 4_095, 4_096, 12_345, 19_999 })
            Assert.Equal([word, -word, 0.5f, 1e-3f], table[$"word{word}"].ToArray());
    }

    [Theory]
    [InlineData("", "does not begin with a line")]
    [InlineData("word", "line 1 is neither")]
    [InlineData("a 1 2\nb 3\n", "line 2 has fewer than 3 fields")]
    [InlineData("a 1 2\nb 3 x\n", "line 2: one of the last 2 fields is no finite number")]
    [InlineData("a 1 2\nb 3 NaN\n", "line 2: one of the last 2 fields is no finite number")]
    [InlineData("a 1 2\nb 3 1e99\n", "line 2: one of the last 2 fields is no finite number")]
    [InlineData("3 2\na 1 2\nb 3 4\n", "ends after 2 of the 3 words")]
    [InlineData("1 2\na 1 2\nb 3 4\n", "line 3: there are more words than the 1")]
    public void A_damaged_text_file_is_refused_with_its_place(string content, string expected) => Assert.Contains(expected, Refused(Encoding.UTF8.GetBytes(content)), StringComparison.Ordinal);

    [Fact]
    public void A_cut_or_overlong_binary_file_is_refused_with_its_place()
    {
        byte[] whole = [.. "2 2\n"u8, .. Record("a", 1, 2), .. Record("b", 3, 4)];
        Assert.Contains("ends within record 2 of 2: 7 of the vector's 8 bytes", Refused(whole[..^1]), StringComparison.Ordinal);
        Assert.Contains("ends after 1 of the 2 words", Refused(whole[..14]), StringComparison.Ordinal);
        Assert.Contains("more bytes than the 2 words", Refused([.. whole, .. Record("c", 5, 6)]), StringComparison.Ordinal);
        Assert.Contains("record 1 of 1: its vector has a value", Refused([.. "1 2\n"u8, .. Record("a", 1, float.NaN)]), StringComparison.Ordinal);
        Assert.Contains("ends within record 1 of 2147483647", Refused([.. "2147483647 1000\n"u8, .. Record("a", 1, 2)]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_or_broken_gzip_file_is_refused_by_name()
    {
        byte[] text = Encoding.UTF8.GetBytes("1000 3\n" + string.Join('\n', Enumerable.Range(0, 1000).Select(i => $"w{i} {i} {i * 7919 % 1000} {i * 31 % 77}")));
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(text);
        byte[] bytes = packed.ToArray();
        Assert.StartsWith("words", Refused(bytes[..(bytes.Length / 2)]), StringComparison.Ordinal);
        bytes[bytes.Length / 2] ^= 0xFF;
        Assert.StartsWith("words", Refused(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_can_be_ended_and_limits_are_checked()
    {
        string file = Write(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"w{i} 1"))));
        Assert.Throws<OperationCanceledException>(() => WordVectors.Load(file, cancellationToken: new CancellationToken(canceled: true)));
        Assert.Throws<ArgumentOutOfRangeException>(() => WordVectors.Load(file, new() { MaxWords = 0 }));
        Assert.Throws<FileNotFoundException>(() => WordVectors.Load(file + ".missing"));
    }

    private static byte[] Record(string word, params float[] vector) => [.. Encoding.UTF8.GetBytes(word + " "), .. vector.SelectMany(BitConverter.GetBytes)];

    private WordVectors Read(string content) => WordVectors.Load(Write(Encoding.UTF8.GetBytes(content)));

    private string Refused(byte[] content)
    {
        string message = Assert.Throws<InvalidDataException>(() => WordVectors.Load(Write(content))).Message;
        Assert.Contains("fetch the file again", message, StringComparison.Ordinal);
        return message;
    }

    private string Write(byte[] content)
    {
        string file = Path.Combine(_folder.FullName, "words");
        File.WriteAllBytes(file, content);
        return file;
    }
}
