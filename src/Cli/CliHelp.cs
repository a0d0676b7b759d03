using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Polymodal.Cli;

/// <summary>Help with examples.</summary>
internal static class CliHelp
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        ["polymodal"] =
        [
            "polymodal similarity \"a cat on the sofa\" \"a kitten lies on the couch\"",
            "polymodal embed text \"one text\" \"another\" --json",
            "polymodal frameworks",
            "polymodal index docs",
            "polymodal search \"how do bees find their way\"",
        ],
        ["collections"] = ["polymodal collections", "polymodal collections --db notes.db --json"],
        ["index"] =
        [
            "polymodal index docs",
            "polymodal index notes --db notes.db --collection notes --weights int8",
            "polymodal index docs --chunker tokens --chunk-size 128 --chunk-overlap 16",
        ],
        ["search"] =
        [
            "polymodal search \"how do bees find their way\" -k 5",
            "polymodal search \"error 4711\" --by words --json",
        ],
        ["export"] = ["polymodal export > documents.jsonl", "polymodal export --collection notes --npy vectors.npy > notes.jsonl"],
        ["import"] = ["polymodal import documents.jsonl --db copy.db", "polymodal import notes.jsonl --npy vectors.npy --space my/model"],
        ["copy"] = ["polymodal copy --to http://localhost:6333", "polymodal copy --db notes.db --collection notes --to \"Host=localhost;Username=me;Database=vectors\""],
        ["check"] = ["polymodal check", "polymodal check --db notes.db --repair"],
        ["reembed"] = ["polymodal reembed --model models/another", "polymodal reembed --db notes.db --collection notes --weights int8"],
        ["embed"] = ["polymodal embed text \"Hello, world!\"", "polymodal embed image photos --json"],
        ["classify"] = ["polymodal classify image photos/cat.jpg", "polymodal classify text \"the oven must be hot\" --labels \"cooking,sport\""],
        ["duplicates"] = ["polymodal duplicates photos", "polymodal duplicates photos more-photos --threshold 0.9 --json"],
        ["embed image"] = ["polymodal embed image photos/cat.jpg", "polymodal embed image photos --framework clip --model path/to/clip --json > vectors.jsonl"],
        ["classify image"] =
        [
            "polymodal classify image photos/cat.jpg --top 5",
            "polymodal classify image photos --json",
            "polymodal classify image photos --labels \"cat,dog\" --framework clip --model path/to/clip",
        ],
        ["classify text"] =
        [
            "polymodal classify text \"the oven must be hot\" --labels \"cooking,sport,music\"",
            "polymodal classify text --file lines.txt --labels \"praise,complaint\" --template \"This review is a {}.\" --none-below 0.2 --json",
        ],
        ["classify audio"] = ["polymodal classify audio street.wav --labels \"siren,rain,speech\" --model path/to/clap"],
        ["embed text"] =
        [
            "polymodal embed text \"Hello, world!\"",
            "polymodal embed text --file questions.txt --intent query --json > vectors.jsonl",
            "cat lines.txt | polymodal embed text --file - --weights int8",
        ],
        ["embed audio"] =
        [
            "polymodal embed audio speech.wav --framework wav2vec2 --model path/to/model",
            "polymodal embed audio lecture.wav --framework whisper --model path/to/model --windows --json",
        ],
        ["transcribe"] = ["polymodal transcribe speech.wav --model path/to/whisper", "polymodal transcribe lecture.mp3 --model path/to/whisper --language en --json"],
        ["similarity"] =
        [
            "polymodal similarity \"a cat on the sofa\" \"a kitten lies on the couch\"",
            "polymodal similarity \"how to bake bread\" \"oven at 230 degrees\" \"a song\" --json",
        ],
        ["compare"] =
        [
            "polymodal compare \"a cat on the sofa\" \"a kitten lies on the couch\"",
            "polymodal compare photos/cat.jpg photos/dog.jpg --json",
            "polymodal compare \"a cat\" photos/cat.jpg --text clip-text --text-model path/to/clip --image clip --image-model path/to/clip",
        ],
        ["tokenize"] =
        [
            "polymodal tokenize \"Hello, world!\"",
            "polymodal tokenize \"Hello, world!\" --tokenizer path/to/model --json",
            "cat lines.txt | polymodal tokenize --file - --ids",
        ],
        ["frameworks"] = ["polymodal frameworks", "polymodal frameworks --json"],
        ["parity"] =
        [
            "polymodal parity models/all-MiniLM-L6-v2",
            "polymodal parity tests/Fixtures/reference/text/* --json",
        ],
    };

    /// <summary>Lets <c>--help</c> end with the command's examples.</summary>
    public static void AddExamples(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            string name = NameOf(parseResult.CommandResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in Examples[name])
                output.WriteLine("  " + example);
            return code;
        }

        // The words that call a command, e.g. "embed image".
        private static string NameOf(CommandResult result) =>
            result.Command is RootCommand ? "polymodal"
            : result.Parent is CommandResult { Command: not RootCommand } parent ? $"{NameOf(parent)} {result.Command.Name}" : result.Command.Name;
    }
}
