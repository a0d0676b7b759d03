using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Polymodal.Parity.Tests;

/// <summary>The repository's share of the recorded references is, byte for byte, what its pages of provenance record.</summary>
public partial class ProvenanceTests
{
    [Fact]
    public void Every_file_of_the_share_has_the_recorded_hash_and_no_other_file_is_there()
    {
        string share = Repository.Reference("").TrimEnd(Path.DirectorySeparatorChar);
        string[] pages = [.. Directory.EnumerateFiles(share, "PROVENANCE.md", SearchOption.AllDirectories)];
        Dictionary<string, string> recorded = pages.SelectMany(page => Row().Matches(File.ReadAllText(page)).Select(row => (
                File: Path.GetRelativePath(share, Path.Combine(Path.GetDirectoryName(page)!, row.Groups[1].Value)).Replace('\\', '/'), Hash: row.Groups[2].Value)))
            .ToDictionary(row => row.File, row => row.Hash);
        string[] files = [.. Directory.EnumerateFiles(share, "*", SearchOption.AllDirectories).Except(pages).Select(file => Path.GetRelativePath(share, file).Replace('\\', '/'))];

        Assert.Equal(files.Order(StringComparer.Ordinal), recorded.Keys.Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(recorded[file], Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(share, file))))));
        Assert.True(files.Sum(file => new FileInfo(Path.Combine(share, file)).Length) <= 120_000_000, "The share is larger than 120 MB.");
    }

    [GeneratedRegex(@"^\| ([^|]+?) \| (?:\d+ \| )?([0-9a-f]{64}) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
