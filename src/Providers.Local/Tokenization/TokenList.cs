using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>The tokens of one text before special ones are added; where they came from only when asked for.</summary>
/// <remarks>Reused from text to text; allocates only while it grows, and when it tracks.</remarks>
internal sealed class TokenList
{
    private int[] _ids = new int[256];
    private int _wanted;
    private readonly List<TokenSource> _sources = [];

    /// <summary>Whether texts and places of tokens are kept.</summary>
    public bool Tracks { get; private set; }

    /// <summary>Whether there are as many as are wanted.</summary>
    public bool IsFull => Count >= _wanted;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Their ids.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Where they came from; empty unless <see cref="Tracks"/>.</summary>
    public IReadOnlyList<TokenSource> Sources => _sources;

    /// <summary>Starts over.</summary>
    /// <param name="tracks">Whether to keep texts and places.</param>
    /// <param name="wanted">How many tokens are enough.</param>
    public void Reset(bool tracks, int wanted = int.MaxValue)
    {
        Tracks = tracks;
        _wanted = wanted;
        Count = 0;
        _sources.Clear();
    }

    /// <summary>Adds a token.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="start">Where it starts in the normalized text.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="text">Its text; needed when <see cref="Tracks"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id, int start, int end, string? text)
    {
        if (Count == _ids.Length)
            Array.Resize(ref _ids, _ids.Length * 2);
        _ids[Count++] = id;
        if (Tracks)
            _sources.Add(new TokenSource(text!, start, end, Word: 0));
    }

    /// <summary>Adds tokens whose places are not kept.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        ids.CopyTo(Room(ids.Length));
        Take(ids.Length);
    }

    /// <summary>Room for ids that <see cref="Take"/> then adds.</summary>
    /// <param name="most">How many there may be.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<int> Room(int most)
    {
        if (_ids.Length - Count < most)
            Array.Resize(ref _ids, Math.Max(_ids.Length * 2, Count + most));
        return _ids.AsSpan(Count, most);
    }

    /// <summary>Adds the first ids of <see cref="Room"/>, whose places are not kept.</summary>
    public void Take(int count) => Count += count;

    /// <summary>The tokens with all that is known of them, of type 0 until they are put together; needs <see cref="Tracks"/>.</summary>
    public IEnumerable<EncodedToken> Tracked() => _sources.Select((source, index) =>
        new EncodedToken(_ids[index], 0, source.Text, new TokenOffset(source.Start, source.End), TokenKind.Text, source.Word, Sequence: null));

    /// <summary>Drops all after the first few.</summary>
    public void Truncate(int count)
    {
        Count = count;
        if (Tracks)
            _sources.RemoveRange(count, _sources.Count - count);
    }

    /// <summary>Turns places in the normalized text into places in the input, and notes the word.</summary>
    /// <param name="from">The first token to turn.</param>
    /// <param name="text">The normalized text.</param>
    /// <param name="word">The word's number.</param>
    public void Locate(int from, NormalizedText text, int word)
    {
        for (int i = from; i < Count; i++)
        {
            (int start, int end) = text.Source(_sources[i].Start, _sources[i].End);
            _sources[i] = _sources[i] with { Start = start, End = end, Word = word };
        }
    }
}

/// <summary>Where a token came from.</summary>
/// <param name="Text">The token as written in the vocabulary, or the text an added token was found in.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Word">Number of the piece it is part of, from 0.</param>
internal readonly record struct TokenSource(string Text, int Start, int End, int Word);
