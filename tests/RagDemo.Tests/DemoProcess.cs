using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Polymodal.Samples.RagDemo.Tests;

/// <summary>The demo as a program of its own.</summary>
public sealed class DemoProcess : IDisposable
{
    // Far above what any step takes: it only keeps a failure from hanging.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _output = new(), _errors = new();

    private DemoProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _lines.Writer.TryComplete();
                return;
            }

            _output.Enqueue(line.Data);
            _lines.Writer.TryWrite(line.Data);
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                _errors.Enqueue(line.Data);
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => string.Join('\n', _output);

    public string Errors => string.Join('\n', _errors);

    public static string ProgramFolder => AppContext.BaseDirectory;

    public static DemoProcess Start(params string[] args) => StartFrom(ProgramFolder, args);

    public static DemoProcess StartFrom(string folder, params string[] args)
    {
        ProcessStartInfo start = ChildProgram.Of(Path.Combine(folder, "RagDemo.dll"), args);
        start.Environment.Remove("ASPNETCORE_URLS");
        return new DemoProcess(new Process { StartInfo = start });
    }

    /// <summary>Waits for a line of the output.</summary>
    public async Task<string> LineAsync(string beginning)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (string line in _lines.Reader.ReadAllAsync(patience.Token))
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"The program ended without a line '{beginning}…'. Output:\n{Output}\nErrors:\n{Errors}");
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal, e.g. <c>INT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", ["-s", signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
