namespace Polymodal.Samples.RagDemo.Tests;

/// <summary>The demo over two small documents, indexed, for the tests that change nothing.</summary>
public sealed class IndexedDemo : IAsyncLifetime, IDisposable
{
    internal const string Bees = """
        # Bees

        ## Drones

        Drones are the male bees. In autumn the workers push the remaining drones out of the hive.

        ## Beeswax

        Young workers sweat tiny flakes of wax from glands under the abdomen.

        """;

    internal const string Trains = "A passenger train at 160 kilometres an hour needs about a kilometre to stop. Steel wheels grip steel rails far less than rubber grips a road.\n";

    private readonly TemporaryFolder _folder = new();

    public RunningDemo Demo { get; private set; } = null!;

    public static void WriteDocuments(TemporaryFolder folder)
    {
        folder.Write("bees.md", Bees);
        folder.Write("far/away/trains.txt", Trains);
    }

    public async Task InitializeAsync()
    {
        WriteDocuments(_folder);
        Demo = await RunningDemo.StartAsync(_folder);
        await Demo.Indexed;
    }

    public async Task DisposeAsync() => await Demo.DisposeAsync();

    public void Dispose() => _folder.Dispose();
}
