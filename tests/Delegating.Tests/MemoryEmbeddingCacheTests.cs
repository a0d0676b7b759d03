namespace Polymodal.Delegating.Tests;

public class MemoryEmbeddingCacheTests
{
    [Fact]
    public async Task It_never_takes_more_bytes_than_it_may_and_the_one_used_longest_ago_goes_first()
    {
        var cache = new MemoryEmbeddingCache(maxBytes: 3 * 500);
        foreach (string key in new[] { "a", "b", "c" })
            await SetAsync(cache, key, 150);
        await cache.GetAsync(["a"], default);
        await SetAsync(cache, "d", 150);
        Assert.Equal([true, false, true, true], (await cache.GetAsync(["a", "b", "c", "d"], default)).Select(entry => entry.HasValue));

        await SetAsync(cache, "d", 1000); // larger in its place: the others make room
        Assert.Equal([false, false, true], (await cache.GetAsync(["a", "c", "d"], default)).Select(entry => entry.HasValue));
        Assert.InRange(cache.Bytes, 1000, 1500);
        await SetAsync(cache, "d", 5000); // too large for the whole cache: not kept, nor what was there before
        Assert.Equal((0, 0L), (cache.Count, cache.Bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryEmbeddingCache(0));
    }

    private static ValueTask SetAsync(MemoryEmbeddingCache cache, string key, int length) => cache.SetAsync([new(key, new byte[length])], default);
}
