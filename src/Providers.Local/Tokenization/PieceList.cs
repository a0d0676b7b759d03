using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Ranges of the normalized text, in order: what pre-tokenizers cut and the model turns into tokens.</summary>
/// <remarks>
/// A pre-tokenizer reads <see cref="Current"/>, adds every piece of every range, and ends with <see cref="Commit"/>.
/// Reused from text to text; allocates only while it grows.
/// </remarks>
internal sealed class PieceList
{
    private (int Start, int End)[] _current = new (int, int)[64], _next = new (int, int)[64];
    private int _count, _nextCount;

    /// <summary>The pieces as they stand.</summary>
    public ReadOnlySpan<(int Start, int End)> Current => _current.AsSpan(0, _count);

    /// <summary>Starts over with one piece.</summary>
    public void Reset(int start, int end)
    {
        _nextCount = 0;
        Add(start, end);
        Commit();
    }

    /// <summary>Adds a piece; an empty one is dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int start, int end)
    {
        if (start == end)
            return;
        if (_nextCount == _next.Length)
            Array.Resize(ref _next, _next.Length * 2);
        _next[_nextCount++] = (start, end);
    }

    /// <summary>Makes the added pieces the present ones.</summary>
    public void Commit()
    {
        (_current, _next) = (_next, _current);
        _count = _nextCount;
        _nextCount = 0;
    }
}
