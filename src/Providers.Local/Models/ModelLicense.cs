namespace Polymodal.Providers.Local.Models;

/// <summary>The licence of a model's weights, as its folder says it: the manifest of towers, or the card of a hub (<c>README.md</c>, whose first lines are YAML).</summary>
internal static class ModelLicense
{
    private const string Card = "README.md", Fence = "---", Field = "license:", NameField = "license_name:";

    // A card's YAML lists data sets and results, which may be long.
    private const int MostLines = 2000;

    /// <summary>The licence; null when no file says it.</summary>
    /// <param name="folder">The model folder.</param>
    public static string? Of(ModelFolder folder)
    {
        if (folder.Towers is { } towers)
            return towers.License;
        if (!folder.Has(Card))
            return null;
        string[] head = [.. File.ReadLines(Path.Combine(folder.FullPath, Card)).Take(MostLines)];
        if (head is not [Fence, ..])
            return null;
        string[] fields = [.. head.Skip(1).TakeWhile(line => line.TrimEnd() != Fence)];
        string? Value(string field) => fields.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))?[field.Length..].Trim().Trim('"', '\'') is { Length: > 0 } value ? value : null;
        // "other" is how hubs say that the name stands in a field of its own.
        return Value(Field) is { } license && license != "other" ? license : Value(NameField) ?? Value(Field);
    }
}
