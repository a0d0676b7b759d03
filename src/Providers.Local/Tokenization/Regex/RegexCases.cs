namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Letters that are several characters when case is ignored: ß is ss.</summary>
internal static class RegexCases
{
    /// <summary>Refuses a sequence that would have to match such a letter; any other is returned as it is.</summary>
    /// <exception cref="NotSupportedException">There is one.</exception>
    public static IReadOnlyList<RegexNode> Joined(List<RegexNode> nodes, RegexOptions options, RegexReader reader)
    {
        if (!options.IgnoresCase)
            return nodes;
        foreach (int[] characters in UnicodeSets.Instance.Expansions.Values)
        {
            for (int start = 0; start + characters.Length <= nodes.Count; start++)
            {
                if (characters.Select((character, i) => nodes[start + i] is RegexSet { Set: var set } && set.Ranges.Length <= 4 && set.Contains(character)).All(found => found))
                    throw reader.Unsupported($"'{string.Concat(characters.Select(char.ConvertFromUtf32))}' without regard to case, which is also one letter");
            }
        }

        return nodes;
    }
}
