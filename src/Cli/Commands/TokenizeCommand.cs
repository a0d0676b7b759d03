using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Polymodal.Providers.Local.Models;
using Polymodal.Providers.Local.Tokenization;
using Spectre.Console;

namespace Polymodal.Cli.Commands;

/// <summary><c>polymodal tokenize</c>: what a tokenizer makes of texts, one line a text.</summary>
internal static class TokenizeCommand
{
    // Neighbouring tokens must differ, no more.
    private static readonly Style[] Tones = [new(Color.Black, Color.Aqua), new(Color.Black, Color.Yellow), new(Color.Black, Color.Lime), new(Color.Black, Color.Fuchsia)];

    public static Command Create(CliConsole console)
    {
        var source = new Option<string?>("--tokenizer") { Description = "A tokenizer.json, or the folder of a model; default: the model that ships" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: index, ids, tokens, offsets in UTF-16 units, specialTokensMask" };
        var ids = new Option<bool>("--ids") { Description = "The ids alone" };
        var bare = new Option<bool>("--no-special") { Description = "Without the special tokens that the model adds" };
        var texts = new TextInputs();
        var command = new Command("tokenize", "Turn texts into tokens: one line a text, each token with its id and its place in the text.");
        texts.AddTo(command);
        foreach (Option option in (Option[])[source, json, ids, bare])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetValue(ids))
                result.AddError("Give --json or --ids, and not both.");
        });
        command.SetAction(async (arguments, cancellationToken) =>
        {
            Tokenizer tokenizer = Load(arguments.GetValue(source));
            var options = new EncodeOptions { AddSpecialTokens = !arguments.GetValue(bare) };
            var buffer = new TokenBuffer();
            int index = 0;
            await foreach (string text in texts.ReadAsync(console, arguments, cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (arguments.GetValue(ids))
                    await console.Output.WriteLineAsync(Join(tokenizer.Encode(text, buffer, addSpecialTokens: options.AddSpecialTokens).ToArray()));
                else if (arguments.GetValue(json))
                    await console.Output.WriteLineAsync(Json(index, tokenizer.Encode(text, options)));
                else
                    console.WriteLine(Cells(tokenizer.Encode(text, options)));
                index++;
            }

            return CliApplication.Success;
        });
        return command;
    }

    private static Tokenizer Load(string? path)
    {
        path ??= Path.Combine(AppContext.BaseDirectory, "models", MiniLM.L6V2.FolderName);
        return Directory.Exists(path) ? Tokenizer.FromFolder(path)
            : File.Exists(path) ? Tokenizer.FromFile(path)
            : throw new FileNotFoundException($"{path} does not exist. Give a tokenizer.json, or the folder of a model.", path);
    }

    private static string Join(IEnumerable<int> ids) => string.Join(' ', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));

    private static string Json(int index, EncodedText text) => JsonSerializer.Serialize(
        new(index, text.InputIds, text.Tokens, [.. text.Offsets.Select(offset => (int[])[offset.Start, offset.End])], text.SpecialTokensMask), CliJson.Readable.TokenizedText);

    // hello/7592/0-5; a token that the model adds has no place: [CLS]/101.
    private static List<Cell> Cells(EncodedText text)
    {
        var cells = new List<Cell>();
        for (int i = 0; i < text.InputIds.Count; i++)
        {
            if (i > 0)
                cells.Add(" ");
            bool isAdded = text.SpecialTokensMask[i] == 1;
            cells.Add(new(text.Tokens[i], isAdded ? Cell.Muted : Tones[i % Tones.Length]));
            TokenOffset offset = text.Offsets[i];
            cells.Add(new(string.Create(CultureInfo.InvariantCulture, $"/{text.InputIds[i]}{(isAdded ? "" : string.Create(CultureInfo.InvariantCulture, $"/{offset.Start}-{offset.End}"))}"), Cell.Muted));
        }

        return cells;
    }
}
