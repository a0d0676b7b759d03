namespace Polymodal.VectorStore.Tests;

public sealed class SqliteEmbeddingCacheTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polymodal-");

    private string File => Path.Combine(_folder.FullName, "deep", "cache.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Entries_outlive_the_process_and_are_shared_by_several()
    {
        using (var first = new SqliteEmbeddingCache(File))
        using (var second = new SqliteEmbeddingCache(File))
        {
            await first.SetAsync([Entry("a", 1, 0, 255), Entry("b")], default);
            await second.SetAsync([Entry("a", 9)], default);
            byte[] replaced = (await first.GetAsync(["a"], default))[0]!.Value.ToArray();
            Assert.Equal([9], replaced);
        }

        using var again = new SqliteEmbeddingCache(File);
        IReadOnlyList<ReadOnlyMemory<byte>?> found = await again.GetAsync(["b", "missing", "a"], default);
        Assert.Empty(found[0]!.Value.ToArray());
        Assert.Null(found[1]);
        Assert.Equal([9], found[2]!.Value.ToArray());
    }

    [Fact]
    public async Task What_was_written_first_goes_first_when_it_is_full()
    {
        using var cache = new SqliteEmbeddingCache(File, maxBytes: 200 * 1010);
        await cache.SetAsync([.. Enumerable.Range(0, 1000).Select(i => Entry($"key {i:000000}", new byte[1000]))], default);
        IReadOnlyList<ReadOnlyMemory<byte>?> found = await cache.GetAsync([.. Enumerable.Range(0, 1000).Select(i => $"key {i:000000}")], default);
        int kept = found.Count(entry => entry.HasValue);
        Assert.InRange(kept, 100, 200);
        Assert.All(found.Take(1000 - kept), entry => Assert.Null(entry));
    }

    [Fact]
    public async Task Many_callers_at_once_lose_nothing_and_a_closed_cache_says_so()
    {
        using var cache = new SqliteEmbeddingCache(File);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () => await cache.SetAsync([Entry($"key {i}", (byte)i)], default))));
        Assert.Equal(Enumerable.Range(0, 50), (await cache.GetAsync([.. Enumerable.Range(0, 50).Select(i => $"key {i}")], default)).Select(entry => (int)entry!.Value.Span[0]));
        cache.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await cache.GetAsync(["a"], default));
    }

    [Fact]
    public void A_file_of_another_kind_is_refused_by_name()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, string.Concat(Enumerable.Repeat("this is no database ", 100)));
        Assert.Contains("cache.db", Assert.Throws<VectorStoreException>(() => new SqliteEmbeddingCache(File)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqliteEmbeddingCache(File, maxBytes: 0));
    }

    private static KeyValuePair<string, ReadOnlyMemory<byte>> Entry(string key, params byte[] value) => new(key, value);
}
