using System.Text;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>A byte-level encoding that reads text itself, not its bytes written as characters: no such text is ever made.</summary>
internal sealed class BpeOverBytes : TokenModel
{
    private readonly BpeMerges _merges;
    private readonly BpeJoints? _joints;
    private readonly bool _ignoresMerges;
    private readonly int[] _only, _first, _middle, _last;

    private BpeOverBytes(Vocabulary vocabulary, BpeMerges merges, BpeJoints? joints, bool ignoresMerges, (int[] Only, int[] First, int[] Middle, int[] Last) ids)
    {
        Vocabulary = vocabulary;
        _merges = merges;
        _joints = joints;
        _ignoresMerges = ignoresMerges;
        (_only, _first, _middle, _last) = ids;
    }

    public override Vocabulary Vocabulary { get; }

    public override int? UnknownId => null; // it has every byte

    /// <summary>Creates it, if the vocabulary has every byte.</summary>
    public static BpeOverBytes? Create(
        Vocabulary vocabulary, BpeMerges merges, BpeJoints? joints, BpeSettings settings, (CharacterIds Only, CharacterIds First, CharacterIds Middle, CharacterIds Last) ids)
    {
        (int[] Only, int[] First, int[] Middle, int[] Last) bytes = (OfBytes(ids.Only), OfBytes(ids.First), OfBytes(ids.Middle), OfBytes(ids.Last));
        return bytes.Only.Concat(bytes.First).Concat(bytes.Middle).Concat(bytes.Last).Contains(-1) ? null : new BpeOverBytes(vocabulary, merges, joints, settings.IgnoreMerges, bytes);
    }

    public override void Tokenize(ReadOnlySpan<char> text, int start, int end, TokenizerWorkspace workspace)
    {
        ReadOnlySpan<char> piece = text[start..end];
        TokenList tokens = workspace.Tokens;
        BpeWord word = workspace.Word;
        if (_ignoresMerges && FindWhole(piece) is var whole and >= 0)
        {
            tokens.Add(whole, start, end, tokens.Tracks ? Vocabulary.TokenOf(whole) : null);
            return;
        }

        word.Clear();
        AddBytes(piece, word);
        word.Merge(_merges);
        word.AddTo(tokens, piece, start, Vocabulary);
    }

    public override int NextCut(ReadOnlySpan<char> text, int start, int end)
    {
        if (_joints is null)
            return end;
        Span<byte> bytes = stackalloc byte[4];
        int i = start, last = -1;
        while (i < end)
        {
            int count = new Rune(CodePoints.At(text, i, out int length)).EncodeToUtf8(bytes);
            if (last >= 0 && !_joints.MayJoin(ByteCharacters.All[last], ByteCharacters.All[bytes[0]]))
                return i;
            last = bytes[count - 1];
            i += length;
        }

        return end;
    }

    private void AddBytes(ReadOnlySpan<char> piece, BpeWord word)
    {
        Span<byte> bytes = stackalloc byte[4];
        bool isFirst = true;
        for (int i = 0; i < piece.Length;)
        {
            int count = new Rune(CodePoints.At(piece, i, out int length)).EncodeToUtf8(bytes);
            i += length;
            for (int j = 0; j < count; j++)
            {
                bool isLast = i == piece.Length && j == count - 1;
                int[] ids = isFirst ? (isLast ? _only : _first) : (isLast ? _last : _middle);
                word.Add(ids[bytes[j]], 1);
                isFirst = false;
            }
        }
    }

    private int FindWhole(ReadOnlySpan<char> piece)
    {
        const int Longest = 256;
        int count = Encoding.UTF8.GetByteCount(piece);
        if (count > Longest && count > Vocabulary.LongestToken)
            return -1;
        Span<byte> bytes = count <= Longest ? stackalloc byte[Longest] : new byte[count];
        Span<char> characters = count <= Longest ? stackalloc char[Longest] : new char[count];
        Encoding.UTF8.GetBytes(piece, bytes);
        for (int i = 0; i < count; i++)
            characters[i] = ByteCharacters.All[bytes[i]];
        return Vocabulary.Find(characters[..count]);
    }

    private static int[] OfBytes(CharacterIds ids) => [.. ByteCharacters.All.ToArray().Select(character => ids[character])];
}
