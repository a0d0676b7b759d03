using System.Globalization;

namespace Polymodal.Samples.RagDemo;

/// <summary>What the command line says.</summary>
public sealed record DemoOptions
{
    /// <summary>The text of <c>--help</c>.</summary>
    public const string Help = """
        Ask your own documents: a page that answers questions over a folder of text and Markdown files, on this machine.

          dotnet run --project samples/RagDemo -- [options]

          --folder <path>               The documents (text, Markdown, HTML, CSV, JSON, Word), subfolders included. Default: the corpus that ships with the demo.
          --database <file>             Where passages and their vectors are kept. Default: data/ragdemo.db in the demo's folder.
          --max-database-bytes <bytes>  The database's largest size. Default: no limit.
          --port <port>                 Port on this machine, 0 for any free one. Default: 5080.
          --urls <addresses>            Addresses to listen on instead, e.g. http://0.0.0.0:8080. Anybody who reaches them can read the documents.
          --content-root <path>         Folder of wwwroot, Corpus and data. Default: the program's own.
          --help                        This text.
        """;

    /// <summary>Questions to the corpus that ships.</summary>
    public static IReadOnlyList<string> Examples { get; } =
    [
        "What happens to the drones in autumn?",
        "How do I keep a sourdough starter alive?",
        "Why does a train take so long to stop?",
        "What is the hottest planet?",
        "How should I treat a burn from boiling water?",
        "Which instrument is played without touching it?",
    ];

    /// <summary>Folder of <c>wwwroot</c>, <c>Corpus</c> and <c>data</c>.</summary>
    public string ContentRoot { get; init; } = AppContext.BaseDirectory;

    /// <summary>The folder given; null for the corpus that ships.</summary>
    public string? Folder { get; init; }

    /// <summary>The documents' folder.</summary>
    public string FolderPath => Folder ?? Path.Combine(ContentRoot, "Corpus");

    /// <summary>The database file given; null for the default one.</summary>
    public string? Database { get; init; }

    /// <summary>The database file.</summary>
    public string DatabasePath => Database ?? Path.Combine(ContentRoot, "data", "ragdemo.db");

    /// <summary>The database's largest size in bytes; null for no limit.</summary>
    public long? MaxDatabaseBytes { get; init; }

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Addresses given, separated by semicolons; null for <see cref="Port"/> on the loopback address.</summary>
    public string? Urls { get; init; }

    /// <summary>Whether only the help is wanted.</summary>
    public bool ShowHelp { get; init; }

    /// <summary>Reads a command line; a value follows its option or an equals sign.</summary>
    /// <exception cref="DemoException">An option is unknown, or its value is missing or out of range.</exception>
    public static DemoOptions Parse(IReadOnlyList<string> args)
    {
        var options = new DemoOptions { Urls = Environment.GetEnvironmentVariable("ASPNETCORE_URLS") };
        bool hasPort = false, hasUrls = false;
        for (int i = 0; i < args.Count; i++)
        {
            string[] parts = args[i].Split('=', 2);
            string Value() => parts.Length == 2 && parts[1].Length > 0 ? parts[1]
                : parts.Length == 1 && i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i]
                : throw new DemoException($"{parts[0]} has no value. Give one after it, or see --help.");
            long Number(long from, long to) => long.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= from && number <= to
                ? number
                : throw new DemoException($"{parts[0]} must be a number from {from} to {to}.");

            switch (parts[0])
            {
                case "--folder": options = options with { Folder = Path.GetFullPath(Value()) }; break;
                case "--database": options = options with { Database = Path.GetFullPath(Value()) }; break;
                case "--max-database-bytes": options = options with { MaxDatabaseBytes = Number(1 << 20, long.MaxValue) }; break;
                case "--port": (options, hasPort) = (options with { Port = (int)Number(0, 65_535), Urls = null }, true); break;
                case "--urls": (options, hasUrls) = (options with { Urls = Value() }, true); break;
                case "--content-root": options = options with { ContentRoot = Path.GetFullPath(Value()) }; break;
                case "--help" or "-h" or "-?": options = options with { ShowHelp = true }; break;
                default: throw new DemoException($"'{args[i]}' is not an option. See --help for those there are.");
            }
        }

        return hasPort && hasUrls ? throw new DemoException("--port and --urls are both given. Leave one out.") : options;
    }
}

/// <summary>The demo cannot do what it was asked to; the message says why and what to do, in one line.</summary>
public sealed class DemoException(string message, Exception? innerException = null) : Exception(message, innerException);
