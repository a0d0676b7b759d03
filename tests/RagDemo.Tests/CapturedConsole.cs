namespace Polymodal.Samples.RagDemo.Tests;

/// <summary>What is written to the console while it lives. The tests of this assembly run one after the other.</summary>
public sealed class CapturedConsole : IDisposable
{
    private readonly TextWriter _before = Console.Out;
    private readonly StringWriter _written = new();

    public CapturedConsole() => Console.SetOut(TextWriter.Synchronized(_written));

    public string Text => _written.ToString();

    public void Dispose()
    {
        Console.SetOut(_before);
        _written.Dispose();
    }
}
