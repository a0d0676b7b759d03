using System.Globalization;
using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Reads a byte-pair encoding from tokenizer.json.</summary>
internal static class BpeReader
{
    private const string VersionLine = "#version";

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">A field is damaged, or a merge is not of tokens.</exception>
    /// <exception cref="NotSupportedException">The file asks for dropout.</exception>
    public static Bpe Read(JsonPart part)
    {
        if (part.Optional("dropout") is { } dropout)
            RefuseDropout(dropout);
        var settings = new BpeSettings(
            part.Optional("unk_token")?.Text(), part.Optional("fuse_unk")?.Boolean() ?? false, part.Optional("byte_fallback")?.Boolean() ?? false,
            part.Optional("ignore_merges")?.Boolean() ?? false, part.Optional("continuing_subword_prefix")?.Text() ?? "",
            part.Optional("end_of_word_suffix")?.Text() ?? "", part.Source);
        var vocabulary = new Vocabulary(part.Required("vocab").IntegersByName());
        return new Bpe(vocabulary, Merges(part.Required("merges"), vocabulary, settings.Prefix), settings);
    }

    /// <summary>Finds the tokens of merges.</summary>
    /// <param name="pairs">The texts of each merge's two tokens, and where they stand.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="prefix">What a token that continues a piece starts with; as many of the right one's bytes are cut off.</param>
    /// <exception cref="InvalidDataException">One of them, or what they become, is not in the vocabulary.</exception>
    public static List<BpeMerge> Merges(IEnumerable<(string Left, string Right, JsonPart Place)> pairs, Vocabulary vocabulary, string prefix)
    {
        var merges = new List<BpeMerge>();
        int prefixLength = Encoding.UTF8.GetByteCount(prefix);
        Span<char> joined = new char[256];
        foreach ((string left, string right, JsonPart place) in pairs)
        {
            int cut = UnitsOfBytes(right, prefixLength);
            if (joined.Length < left.Length + right.Length)
                joined = new char[(left.Length + right.Length) * 2];
            left.CopyTo(joined);
            right.AsSpan(Math.Max(cut, 0)).CopyTo(joined[left.Length..]);
            var merge = new BpeMerge(
                vocabulary.Find(left), vocabulary.Find(right), cut < 0 ? -1 : vocabulary.Find(joined[..(left.Length + right.Length - cut)]));
            if (merge.Left < 0 || merge.Right < 0 || merge.Result < 0)
                throw place.Invalid("joins what is not in model.vocab, or makes what is not");
            merges.Add(merge);
        }

        return merges;
    }

    private static List<BpeMerge> Merges(JsonPart list, Vocabulary vocabulary, string prefix)
    {
        bool? arePairs = null;
        return Merges(Pairs(), vocabulary, prefix);

        IEnumerable<(string, string, JsonPart)> Pairs()
        {
            foreach (JsonPart item in list.Items())
            {
                arePairs ??= !item.IsText;
                if (!arePairs.Value)
                {
                    string text = item.Text();
                    if (text.StartsWith(VersionLine, StringComparison.Ordinal))
                        continue;
                    int space = text.IndexOf(' ');
                    if (space < 0 || space != text.LastIndexOf(' '))
                        throw item.Invalid("is not two tokens with one space between");
                    yield return (text[..space], text[(space + 1)..], item);
                }
                else
                {
                    JsonPart[] two = [.. item.Items()];
                    if (two.Length != 2)
                        throw item.Invalid("is not a list of two tokens");
                    yield return (two[0].Text(), two[1].Text(), item);
                }
            }
        }
    }

    private static void RefuseDropout(JsonPart dropout)
    {
        double rate = dropout.Number();
        if (rate is < 0 or > 1)
            throw dropout.Invalid("is not from 0 to 1");
        if (rate > 0)
        {
            throw new NotSupportedException(
                $"{dropout.Source}: model.dropout is {rate.ToString(CultureInfo.InvariantCulture)}, with which every text has other ids each time; supported: null, 0. " +
                "Set it to null: dropout is for training.");
        }
    }

    /// <summary>How many UTF-16 units the first bytes of a text are, or −1 when it is shorter or a character lies across.</summary>
    private static int UnitsOfBytes(string text, int bytes)
    {
        int units = 0;
        for (; bytes > 0 && units < text.Length; units += char.IsSurrogate(text[units]) ? 2 : 1)
            bytes -= new Rune(CodePoints.At(text, units, out _)).Utf8SequenceLength;
        return bytes == 0 ? units : -1;
    }
}
