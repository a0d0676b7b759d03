using System.Runtime.CompilerServices;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Finds the tokens that start at a place, in one walk over its characters.</summary>
/// <remarks>
/// Immutable once frozen, then safe for concurrent use. The edges of all nodes share one hash table; an edge holds the token that its
/// characters are, so a step of the walk is one look into memory.
/// </remarks>
internal sealed class TokenTrie
{
    /// <summary>The node of no characters, where every walk starts.</summary>
    public const int Root = 0;

    private readonly List<int> _ids = [-1];
    private Edge[] _edges = new Edge[1024];

    /// <summary>Adds a token; a later one of the same characters replaces it.</summary>
    public void Add(ReadOnlySpan<char> token, int id)
    {
        int node = Root;
        foreach (char unit in token)
        {
            int next = Next(node, unit, out _);
            if (next < 0)
            {
                next = _ids.Count;
                _ids.Add(-1);
                AddEdge(new Edge(node, unit, next, -1));
            }

            node = next;
        }

        _ids[node] = id;
    }

    /// <summary>Ends the filling.</summary>
    public void Freeze()
    {
        foreach (ref Edge edge in _edges.AsSpan())
            edge = edge with { Id = _ids[edge.To] };
        _ids.Clear();
        _ids.TrimExcess();
    }

    /// <summary>The longest token that a text starts with.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">Its id, or −1.</param>
    /// <returns>Its length in UTF-16 units; 0 when there is none.</returns>
    public int FindLongest(ReadOnlySpan<char> text, out int id)
    {
        id = -1;
        int longest = 0, node = Root;
        for (int i = 0; i < text.Length; i++)
        {
            node = Next(node, text[i], out int found);
            if (node < 0)
                break;
            if (found >= 0)
            {
                id = found;
                longest = i + 1;
            }
        }

        return longest;
    }

    /// <summary>One step of a walk.</summary>
    /// <param name="node">Where it is.</param>
    /// <param name="unit">The next character.</param>
    /// <param name="id">The token that the characters so far are, or −1.</param>
    /// <returns>The next node, or −1 when no token goes on like that.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int node, char unit, out int id)
    {
        Edge[] edges = _edges;
        for (int index = Place(node, unit, edges.Length); ; index = (index + 1) & (edges.Length - 1))
        {
            ref readonly Edge edge = ref edges[index];
            id = edge.Id;
            if (edge.From == node && edge.Unit == unit && edge.To != Root)
                return edge.To;
            if (edge.To == Root) // No edge leads there: the place is free.
            {
                id = -1;
                return -1;
            }
        }
    }

    private void AddEdge(Edge edge)
    {
        if (_ids.Count * 2 > _edges.Length)
        {
            Edge[] old = _edges;
            _edges = new Edge[old.Length * 2];
            foreach (Edge moved in old)
            {
                if (moved.To != Root)
                    Put(moved);
            }
        }

        Put(edge);
    }

    private void Put(Edge edge)
    {
        int index = Place(edge.From, edge.Unit, _edges.Length);
        while (_edges[index].To != Root)
            index = (index + 1) & (_edges.Length - 1);
        _edges[index] = edge;
    }

    private static int Place(int node, char unit, int length) => (int)((((ulong)(uint)node << 16 | unit) * 0x9E3779B97F4A7C15) >> 32) & (length - 1);

    private readonly record struct Edge(int From, char Unit, int To, int Id);
}
