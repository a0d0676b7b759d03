namespace Polymodal.Providers.Local.Tokenization;

/// <summary>
/// Memory for encoding one text after the other without allocating: once it has seen a text as long as the longest to come, encoding
/// another allocates nothing.
/// </summary>
/// <remarks>Belongs to one caller: not safe for concurrent use. It keeps the size of the longest text it has seen.</remarks>
public sealed class TokenBuffer
{
    private int[] _inputIds = [], _tokenTypeIds = [];

    /// <summary>The ids of the text encoded last; valid until the next text is.</summary>
    public ReadOnlySpan<int> InputIds => _inputIds.AsSpan(0, Count);

    /// <summary>The type ids of the text encoded last; valid until the next text is.</summary>
    public ReadOnlySpan<int> TokenTypeIds => _tokenTypeIds.AsSpan(0, Count);

    /// <summary>How many tokens the text encoded last has, special ones included.</summary>
    public int Count { get; private set; }

    /// <summary>Whether tokens of the text encoded last were left out. How many is not known: a long text is not read to its end.</summary>
    public bool WasCut { get; internal set; }

    internal TokenizerWorkspace Workspace { get; } = new();

    internal void Clear()
    {
        Count = 0;
        WasCut = false;
    }

    /// <summary>Takes all tokens of an id out, as if the text did not have them.</summary>
    internal void Remove(int id)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_inputIds[i] == id)
                continue;
            _inputIds[kept] = _inputIds[i];
            _tokenTypeIds[kept++] = _tokenTypeIds[i];
        }

        Count = kept;
    }

    /// <summary>Loses tokens on one side until so many are left.</summary>
    internal void Keep(int count, TextSide cutSide)
    {
        int lost = Count - count;
        if (lost <= 0)
            return;
        if (cutSide == TextSide.Left)
        {
            _inputIds.AsSpan(lost, count).CopyTo(_inputIds);
            _tokenTypeIds.AsSpan(lost, count).CopyTo(_tokenTypeIds);
        }

        Count = count;
        WasCut = true;
    }

    internal void Add(ReadOnlySpan<int> ids, int typeId)
    {
        int needed = Count + ids.Length;
        if (_inputIds.Length < needed)
        {
            Array.Resize(ref _inputIds, Math.Max(needed, _inputIds.Length * 2));
            Array.Resize(ref _tokenTypeIds, _inputIds.Length);
        }

        ids.CopyTo(_inputIds.AsSpan(Count));
        _tokenTypeIds.AsSpan(Count, ids.Length).Fill(typeId);
        Count = needed;
    }
}
