using System.CommandLine;

namespace Polymodal.Cli;

/// <summary>The texts of a command: given as arguments, or one a line in a file or on standard input.</summary>
internal sealed class TextInputs
{
    private readonly Argument<string[]> _texts = new("texts") { Description = "The texts", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _file = new("--file", "-f") { Description = $"A UTF-8 file with one text a line; {CliText.StandardInput} is standard input" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_texts);
        command.Options.Add(_file);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_texts) is null or [] == result.GetValue(_file) is null)
                result.AddError("Give texts, or a file with --file, and not both.");
        });
    }

    /// <summary>How many texts there are; null when only the end of the file will tell.</summary>
    public int? Count(ParseResult arguments) => arguments.GetValue(_file) is null ? arguments.GetValue(_texts)!.Length : null;

    /// <summary>The texts, as they are asked for.</summary>
    /// <exception cref="ArgumentException">The file is a folder.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not UTF-8.</exception>
    public async IAsyncEnumerable<string> ReadAsync(CliConsole console, ParseResult arguments, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_file) is not { } path)
        {
            foreach (string text in arguments.GetValue(_texts) ?? [])
                yield return text;
            yield break;
        }

        using TextReader reader = CliText.Open(console, path, "one text a line");
        await foreach (string line in CliText.LinesAsync(reader, path, cancellationToken))
            yield return line;
    }
}
