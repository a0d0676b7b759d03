namespace Polymodal.Providers.Local.Tests.Tokenization;

/// <summary>Small tokenizer files, damaged at random; the same seed gives the same damage.</summary>
internal static class DamagedFile
{
    private static readonly Lazy<byte[][]> Sources = new(() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(TokenizerFixtures.Root, "invalid"), "*.json").Where(file => Path.GetFileName(file) != "reference.json" && new FileInfo(file).Length < 20_000)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ]);

    private static readonly byte[][] Words =
        [.. new[] { "null", "true", "[]", "{}", "-1", "0", "1e999", "4294967296", "\"\"", "\"Sequence\"", "\"BPE\"", "\"Split\"", "\"(\"", "\"\\\\p{L\"", "\"\\ud800\"", "\"[[[\"", "\"(a*)*b\"" }.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>A file with one to four faults.</summary>
    public static byte[] Create(Random random)
    {
        var file = new List<byte>(Sources.Value[random.Next(Sources.Value.Length)]);
        for (int faults = random.Next(1, 5); faults > 0 && file.Count > 0; faults--)
        {
            int place = random.Next(file.Count);
            switch (random.Next(6))
            {
                case 0:
                    file[place] = (byte)random.Next(256);
                    break;
                case 1:
                    file.RemoveRange(place, Math.Min(random.Next(1, 12), file.Count - place));
                    break;
                case 2:
                    file.InsertRange(place, file.GetRange(place, Math.Min(random.Next(1, 40), file.Count - place)));
                    break;
                case 3:
                    file.RemoveRange(place, file.Count - place);
                    break;
                case 4:
                    file[place] = (byte)"{}[],:\"0"[random.Next(8)];
                    break;
                default:
                    ReplaceValue(file, place, Words[random.Next(Words.Length)]);
                    break;
            }
        }

        return [.. file];
    }

    // What stands between a colon and the end of its line is mostly one value.
    private static void ReplaceValue(List<byte> file, int from, byte[] value)
    {
        int start = file.IndexOf((byte)':', from);
        if (start < 0)
            return;
        int end = file.FindIndex(start, unit => unit is (byte)',' or (byte)'\n' or (byte)'}');
        if (end < 0)
            return;
        file.RemoveRange(start + 1, end - start - 1);
        file.InsertRange(start + 1, value);
    }
}
