namespace Polymodal.VectorStore.Exact;

/// <summary>Shares the work of one scan between the caller's thread and, where the machine has another, one of the thread pool.</summary>
internal static class ScanThreads
{
    // Below this many blocks waking a thread costs as much as it saves.
    private const int WorthTwo = 4;

    /// <summary>Runs the work on one or two threads at once and returns when all of it is done; a failure of either is thrown.</summary>
    /// <param name="blocks">How much there is to do.</param>
    /// <param name="work">Takes pieces until none is left, and so may also run once, or after the other has taken everything.</param>
    public static void Run(int blocks, Action work)
    {
        if (blocks < WorthTwo || Environment.ProcessorCount < 2)
        {
            work();
            return;
        }

        // A busy pool may not come to the second thread in time; then the caller does all and does not wait for it.
        int begun = 0;
        Task second = Task.Run(() =>
        {
            if (Interlocked.Exchange(ref begun, 1) == 0)
                work();
        });
        try
        {
            work();
        }
        finally
        {
            if (Interlocked.Exchange(ref begun, 1) != 0)
                Task.WaitAny(second);
        }

        if (second.IsCompleted)
            second.GetAwaiter().GetResult();
    }
}
