using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Polymodal.Cli;

/// <summary>What is wrong with a command line, in one line.</summary>
internal static partial class CliUsage
{
    /// <summary>The first fault, or null. A mistyped option is one: it never becomes a text to embed.</summary>
    public static string? Fault(ParseResult arguments)
    {
        bool isCommand = arguments.Action is not (null or ParseErrorAction) && arguments.CommandResult.Command.Action == arguments.Action;
        if (arguments.Action is not ParseErrorAction && !isCommand)
            return null; // --help and --version answer whatever else stands there
        string name = Name(arguments.CommandResult);
        string? fault = Unknown(arguments) is { } unknown ? $"{unknown} {Known(arguments.CommandResult.Command)}"
            : arguments.Errors.Count == 0 ? null
            : arguments.CommandResult.Command.Subcommands.Count > 0 ? $"'{name}' needs a command. {Known(arguments.CommandResult.Command)}"
            : arguments.Errors[0].Message;
        return fault is null ? null : $"{CliText.OneLine(fault)} See '{name} --help'.";
    }

    private static string? Unknown(ParseResult arguments)
    {
        if (arguments.UnmatchedTokens is [var unmatched, ..])
            return $"'{unmatched}' is no command or option here.";
        int end = arguments.Tokens.ToList().FindIndex(token => token.Type == TokenType.DoubleDash);
        Token? mistyped = arguments.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .FirstOrDefault(token => LooksLikeOption().IsMatch(token.Value) && arguments.Tokens.Take(end < 0 ? int.MaxValue : end).Any(before => ReferenceEquals(before, token)));
        return mistyped is null ? null : $"'{mistyped.Value}' is no option here; texts that look like one come after a lone --.";
    }

    private static string Known(Command command) =>
        $"Known: {string.Join(", ", command.Subcommands.Select(known => known.Name).Concat(command.Options.Where(known => !known.Hidden).Select(known => known.Name)))}.";

    private static string Name(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Name(parent)} {command.Command.Name}" : "polymodal";

    [GeneratedRegex(@"^--?[A-Za-z][\w-]*(=.*)?$", RegexOptions.Singleline)]
    private static partial Regex LooksLikeOption();
}
