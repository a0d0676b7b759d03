using Polymodal.Providers.Local.Scheduling;

namespace Polymodal.Providers.Local.Tests.Scheduling;

public class AdmissionQueueTests
{
    [Fact]
    public void A_long_list_counts_for_a_quarter_and_four_of_them_fill_the_queue()
    {
        var queue = new AdmissionQueue(maxItems: 100, maxCost: 1_000_000);
        for (int call = 0; call < 4; call++)
            Assert.True(queue.TryEnter(1_000_000, 1));
        Assert.False(queue.TryEnter(1, 1));
        queue.Shrink((1_000_000, 1), (500, 1));
        Assert.Equal(100, queue.Items);
        queue.Shrink((500, 1), (24, 1));
        Assert.True(queue.TryEnter(1, 1));
    }

    [Fact]
    public void Cost_is_bounded_like_items_and_an_empty_queue_takes_anything()
    {
        var queue = new AdmissionQueue(maxItems: 1_000, maxCost: 1);
        Assert.True(queue.TryEnter(1, 1_000_000));
        Assert.False(queue.TryEnter(1, 1));
        queue.Shrink((1, 1_000_000), (0, 0));
        Assert.Equal((0, 0), (queue.Items, queue.Cost));
        Assert.True(queue.TryEnter(1, 1));
    }
}
