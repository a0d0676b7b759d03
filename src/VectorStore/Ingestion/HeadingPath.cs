namespace Polymodal.VectorStore.Ingestion;

/// <summary>Which headings a place of a text stands under.</summary>
internal sealed class HeadingPath
{
    private readonly List<(int Start, string? Heading)> _changes = [];

    public HeadingPath(string text, TextFormat format)
    {
        if (format == TextFormat.Plain)
            return;
        foreach (TextBlock block in TextBlocks.Of(text, format).Where(block => block.Kind == TextBlockKind.Heading))
            _changes.Add((block.Span.Start, block.Heading));
    }

    /// <summary>The path at a place; null above the first heading.</summary>
    public string? At(int place)
    {
        int low = 0, high = _changes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_changes[middle].Start <= place)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? null : _changes[low - 1].Heading;
    }
}
