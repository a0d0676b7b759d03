using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Polymodal.Tests;

namespace Polymodal.Benchmarks;

/// <summary>HuggingFace's Rust core in a Node process, on one thread: the texts are sent once, then each run is one short line each way.</summary>
internal sealed class HuggingFaceTokenizer : IDisposable
{
    private readonly Process _process;
    private readonly string _texts = Path.GetTempFileName();

    /// <summary>Starts it.</summary>
    /// <param name="tokenizerJson">The file, perhaps compressed.</param>
    /// <param name="texts">What it will encode.</param>
    /// <exception cref="InvalidOperationException">The package is not installed.</exception>
    public HuggingFaceTokenizer(string tokenizerJson, IReadOnlyList<string> texts)
    {
        string folder = Repository.PathOf("benchmarks/HuggingFace");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            throw new InvalidOperationException("benchmarks/HuggingFace/node_modules is missing: the baseline is not installed. Run npm ci in benchmarks/HuggingFace.");
        File.WriteAllText(_texts, JsonSerializer.Serialize(texts));
        var start = new ProcessStartInfo("node") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["tokenize.js", tokenizerJson, _texts])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
    }

    /// <summary>Encodes all texts.</summary>
    /// <returns>How many tokens they have.</returns>
    public int EncodeAll() => int.Parse(Ask("encode"), CultureInfo.InvariantCulture);

    /// <summary>The ids of all texts.</summary>
    public int[][] Ids() => JsonSerializer.Deserialize<int[][]>(Ask("ids"))!;

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_texts);
    }

    private string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The Node process of the baseline has ended. Run benchmarks/HuggingFace/tokenize.js by hand to see why.");
    }
}
