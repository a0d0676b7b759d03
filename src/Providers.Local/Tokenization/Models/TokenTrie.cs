namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Finds the longest token that starts at a place, in one walk over its characters.</summary>
/// <remarks>Immutable once filled, then safe for concurrent use. The edges of all nodes share one hash table.</remarks>
internal sealed class TokenTrie
{
    /// <summary>The node of no characters, where every walk starts.</summary>
    public const int Root = 0;

    private (ulong Edge, int Node)[] _edges = new (ulong, int)[1024];
    private int _edgeCount;
    private readonly List<int> _ids = [-1];
    private int[] _idOfNode = [];

    /// <summary>Adds a token; a later one of the same characters replaces it.</summary>
    public void Add(ReadOnlySpan<char> token, int id)
    {
        int node = Root;
        foreach (char unit in token)
        {
            int next = Next(node, unit);
            if (next < 0)
            {
                next = _ids.Count;
                _ids.Add(-1);
                AddEdge(EdgeOf(node, unit), next);
            }

            node = next;
        }

        _ids[node] = id;
    }

    /// <summary>Ends the filling.</summary>
    public TokenTrie Freeze()
    {
        _idOfNode = [.. _ids];
        return this;
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
            node = Next(node, text[i]);
            if (node < 0)
                break;
            int found = _idOfNode[node];
            if (found >= 0)
            {
                id = found;
                longest = i + 1;
            }
        }

        return longest;
    }

    /// <summary>The token that a node's characters are, or −1.</summary>
    public int IdAt(int node) => _idOfNode[node];

    /// <summary>The node that a character leads to, or −1.</summary>
    public int Next(int node, char unit)
    {
        ulong edge = EdgeOf(node, unit);
        (ulong Edge, int Node)[] edges = _edges;
        for (int index = Place(edge, edges.Length); ; index = (index + 1) & (edges.Length - 1))
        {
            (ulong candidate, int next) = edges[index];
            if (next == Root) // No edge leads there: the place is free.
                return -1;
            if (candidate == edge)
                return next;
        }
    }

    private void AddEdge(ulong edge, int node)
    {
        if (++_edgeCount * 2 > _edges.Length)
        {
            (ulong Edge, int Node)[] old = _edges;
            _edges = new (ulong, int)[old.Length * 2];
            foreach ((ulong oldEdge, int oldNode) in old)
            {
                if (oldNode != 0)
                    Put(oldEdge, oldNode);
            }
        }

        Put(edge, node);
    }

    private void Put(ulong edge, int node)
    {
        int index = Place(edge, _edges.Length);
        while (_edges[index].Node != 0)
            index = (index + 1) & (_edges.Length - 1);
        _edges[index] = (edge, node);
    }

    private static ulong EdgeOf(int node, char unit) => ((ulong)(uint)node << 16) | unit;

    private static int Place(ulong edge, int length) => (int)((edge * 0x9E3779B97F4A7C15) >> 32) & (length - 1);
}
