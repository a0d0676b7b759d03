using System.Globalization;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A <c>.tiktoken</c> file: a line a token, its bytes in base64 and its rank, which is its id. Merges are recovered from the ranks.</summary>
internal static class TiktokenFile
{
    // How Whisper's file writes the token without characters.
    private const string Nothing = "=";

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">A line is something else; the message has its number.</exception>
    public static RawVocabulary Read(string file)
    {
        string name = Path.GetFileName(file);
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        int number = 0;
        byte[] bytes = new byte[256];
        foreach (ReadOnlySpan<char> ended in VocabularyFiles.ReadText(file).AsSpan().EnumerateLinesAtFeeds())
        {
            ReadOnlySpan<char> line = ended.TrimEnd('\r');
            number++;
            if (line.IsEmpty)
                continue;
            int space = line.IndexOf(' ');
            if (bytes.Length < line.Length)
                bytes = new byte[line.Length];
            int length = 0;
            if (space < 0 || (!line[..space].SequenceEqual(Nothing) && !Convert.TryFromBase64Chars(line[..space], bytes, out length)) ||
                !int.TryParse(line[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int rank))
            {
                throw new InvalidDataException($"{name}: line {number} is not a token in base64, a space and a rank. Fetch the file again.");
            }

            ranks[ByteCharacters.Of(bytes.AsSpan(0, length))] = rank;
        }

        return new RawVocabulary(name, [.. ranks.Select(token => new RawToken(token.Key, token.Value))], Merges(ranks)) { HasRanks = true };
    }

    /// <summary>Every way to put a token together of two others, by the token's rank and then by those of the two.</summary>
    private static List<(string Left, string Right)> Merges(Dictionary<string, int> ranks)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(int Rank, int Left, int Right, string Token, int Cut)>();
        foreach ((string token, int rank) in ranks)
        {
            for (int cut = 1; cut < token.Length; cut++)
            {
                if (bySpan.TryGetValue(token.AsSpan(0, cut), out int left) && bySpan.TryGetValue(token.AsSpan(cut), out int right))
                    merges.Add((rank, left, right, token, cut));
            }
        }

        return [.. merges.OrderBy(merge => (merge.Rank, merge.Left, merge.Right)).Select(merge => (merge.Token[..merge.Cut], merge.Token[merge.Cut..]))];
    }
}
