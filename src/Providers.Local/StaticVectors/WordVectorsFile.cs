using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Polymodal.Providers.Local.StaticVectors;

/// <summary>Reads a file of word vectors in one pass into one matrix, whatever its dialect.</summary>
/// <remarks>
/// Text: <c>word number … number</c> a line, with (word2vec, fastText) or without (GloVe) a first line <c>words dimensions</c>.
/// Binary: that first line, then for each word its bytes, a space and little-endian float32; a line feed between two records is allowed.
/// </remarks>
internal sealed class WordVectorsFile
{
    private const byte Space = (byte)' ', LineFeed = (byte)'\n';
    private readonly string _file;
    private readonly int _maxWords;
    private readonly ByteReader _reader;
    private readonly List<string> _words = [];
    private float[] _vectors = [];
    private int _dimensions;

    private WordVectorsFile(string file, Stream stream, int maxWords)
    {
        _file = file;
        _maxWords = maxWords;
        _reader = new ByteReader(stream);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxWords">The most words to read.</param>
    /// <param name="cancellationToken">Looked at every thousand words.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static WordVectors Read(string path, int maxWords, CancellationToken cancellationToken)
    {
        string file = Path.GetFileName(path);
        using FileStream plain = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[2];
        bool isGzip = plain.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
        plain.Position = 0;
        using Stream stream = isGzip ? new GZipStream(plain, CompressionMode.Decompress) : plain;
        var reading = new WordVectorsFile(file, stream, maxWords);
        try
        {
            reading.Read(cancellationToken);
        }
        catch (InvalidDataException exception) when (!exception.Message.StartsWith(file, StringComparison.Ordinal))
        {
            throw reading.Damaged($"after {reading._words.Count} words: {exception.Message}", exception);
        }

        return WordVectors.Owning(reading._vectors, [.. reading._words]);
    }

    private void Read(CancellationToken cancellationToken)
    {
        if (!_reader.TryReadTo(LineFeed, out ReadOnlySpan<byte> first) || first.IsEmpty)
            throw Damaged("it does not begin with a line of text");
        int? count = null;
        if (IsHeader(first, out int words, out _dimensions))
        {
            count = words;
            if (!NextLineIsText())
            {
                ReadBinary(words, cancellationToken);
                Array.Resize(ref _vectors, _words.Count * _dimensions);
                return;
            }
        }
        else
        {
            _dimensions = CountNumbers(first);
            if (_dimensions == 0)
                throw Damaged("line 1 is neither 'words dimensions' nor a word and its vector");
            AddLine(first, 1);
        }

        ReadText(count, cancellationToken);
        Array.Resize(ref _vectors, _words.Count * _dimensions);
    }

    private static bool IsHeader(ReadOnlySpan<byte> line, out int words, out int dimensions)
    {
        line = line.Trim(" \t\r"u8);
        int space = Math.Max(0, line.IndexOfAny(Space, (byte)'\t'));
        dimensions = 0;
        return Utf8Parser.TryParse(line[..space], out words, out int used) && used == space && words > 0
            && Utf8Parser.TryParse(line[(space + 1)..], out dimensions, out used) && used == line.Length - space - 1 && dimensions > 0;
    }

    // Without a header the first line says how long vectors are: its last fields that are numbers, the word left out.
    private static int CountNumbers(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t\r"u8);
        Span<float> number = stackalloc float[1];
        for (int count = 0; ; count++)
        {
            int space = line.LastIndexOfAny(Space, (byte)'\t');
            if (space <= 0 || !TryParse(line[(space + 1)..], number))
                return count;
            line = line[..space];
        }
    }

    // A record of text is one line of printable bytes that ends with as many numbers as the header says.
    private bool NextLineIsText()
    {
        int longest = 1024 + (_dimensions * 40);
        ReadOnlySpan<byte> next = _reader.Peek(longest);
        int end = next.IndexOf(LineFeed);
        ReadOnlySpan<byte> line = end >= 0 ? next[..end] : next.Length < longest ? next : [];
        return !line.IsEmpty && TrySplit(line, out _, out ReadOnlySpan<byte> numbers) && TryParse(numbers, new float[_dimensions]);
    }

    private void ReadText(int? count, CancellationToken cancellationToken)
    {
        int line = 2; // The first was the header or the first word.
        for (; _words.Count < _maxWords && _reader.TryReadTo(LineFeed, out ReadOnlySpan<byte> bytes); line++)
        {
            if (line % 1000 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (_words.Count == count && !bytes.Trim(" \t\r"u8).IsEmpty)
                throw Damaged($"line {line}: there are more words than the {count} that the first line says");
            if (!bytes.Trim(" \t\r"u8).IsEmpty)
                AddLine(bytes, line);
        }

        if (_words.Count < Math.Min(count ?? 0, _maxWords))
            throw Damaged($"it ends after {_words.Count} of the {count} words that its first line says");
    }

    private void AddLine(ReadOnlySpan<byte> line, int number)
    {
        if (!TrySplit(line, out ReadOnlySpan<byte> word, out ReadOnlySpan<byte> numbers))
            throw Damaged($"line {number} has fewer than {_dimensions + 1} fields, a word and {_dimensions} numbers");
        if (!TryParse(numbers, NextRow()))
            throw Damaged($"line {number}: one of the last {_dimensions} fields is no finite number");
        _words.Add(Encoding.UTF8.GetString(word));
    }

    // The vector is the last fields, because words may hold spaces.
    private bool TrySplit(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word, out ReadOnlySpan<byte> numbers)
    {
        line = line.TrimEnd(" \t\r"u8);
        int end = line.Length;
        for (int field = 0; field < _dimensions; field++)
        {
            end = line[..end].LastIndexOfAny(Space, (byte)'\t');
            if (end < 0)
                break;
        }

        word = end > 0 ? line[..end] : [];
        numbers = end > 0 ? line[(end + 1)..] : [];
        return end > 0;
    }

    private static bool TryParse(ReadOnlySpan<byte> numbers, Span<float> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int end = numbers.IndexOfAny(Space, (byte)'\t');
            ReadOnlySpan<byte> number = end < 0 ? numbers : numbers[..end];
            if (!float.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out row[i]) || !float.IsFinite(row[i]))
                return false;
            numbers = end < 0 ? [] : numbers[(end + 1)..];
        }

        return true;
    }

    private void ReadBinary(int count, CancellationToken cancellationToken)
    {
        for (int record = 1; record <= Math.Min(count, _maxWords); record++)
        {
            if (record % 1000 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (!_reader.TryReadTo(Space, out ReadOnlySpan<byte> word))
                throw Damaged($"it ends after {record - 1} of the {count} words that its first line says");
            string text = Encoding.UTF8.GetString(word.TrimStart(LineFeed));
            Span<float> row = NextRow();
            Span<byte> bytes = MemoryMarshal.AsBytes(row);
            int got = _reader.Read(bytes);
            if (got < bytes.Length)
                throw Damaged($"it ends within record {record} of {count}: {got} of the vector's {bytes.Length} bytes are there");
            foreach (float value in row)
            {
                if (!float.IsFinite(value))
                    throw Damaged($"record {record} of {count}: its vector has a value that is no finite number");
            }

            _words.Add(text);
        }

        if (count <= _maxWords && !_reader.Peek(2).Trim(LineFeed).IsEmpty)
            throw Damaged($"there are more bytes than the {count} words that its first line says");
    }

    // Room grows with what was really read: a damaged header must not ask for more memory than the file has data.
    private Span<float> NextRow()
    {
        long start = (long)_words.Count * _dimensions, end = start + _dimensions;
        if (end > Array.MaxLength)
            throw Damaged($"word {_words.Count + 1} does not fit into one table of {Array.MaxLength} numbers; set MaxWords to {_words.Count} or fewer");
        if (end > _vectors.Length)
            Array.Resize(ref _vectors, (int)Math.Clamp(_vectors.Length * 2L, end, Array.MaxLength));
        return _vectors.AsSpan((int)start, _dimensions);
    }

    private InvalidDataException Damaged(string found, Exception? cause = null) =>
        new($"{_file}: {found}. Supported are GloVe, word2vec (text and binary) and fastText .vec files, gzipped or not; fetch the file again, it may have been cut.", cause);
}
