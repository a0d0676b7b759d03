using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.AI;
using Polymodal.Multimodal;

namespace Polymodal.Cli.Commands;

/// <summary>The options of classification by names of classes, the same for texts, pictures and sounds.</summary>
internal sealed class ZeroShotArguments
{
    // What sentence-transformers trains its text models with; such models do not say it themselves.
    private const double UsualTextScale = 20;

    private readonly Option<string[]> _labels = new("--labels", "-l") { Description = "Names of the classes, separated by commas; may be given several times", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string[]> _templates = new("--template") { Description = $"A sentence with {PromptTemplates.Place} where the name goes; may be given several times, their vectors are averaged" };
    private readonly Option<double?> _scale = new("--scale") { Description = "What cosines are multiplied with before the softmax; default: as the model's files say, for text models 20" };
    private readonly Option<double?> _noneBelow = new("--none-below") { Description = "Say that none fits when the best cosine is below it, -1 to 1" };

    public ZeroShotArguments(bool required)
    {
        _labels.Required = required;
        _labels.Validators.Add(result =>
        {
            if (Split(result.GetValueOrDefault<string[]>()).Length == 0)
                result.AddError("--labels names no class. Give names separated by commas, e.g. --labels \"cat,dog\".");
        });
        _templates.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string[]>().FirstOrDefault(template => !template.Contains(PromptTemplates.Place, StringComparison.Ordinal)) is { } bare)
                result.AddError($"--template is '{bare}'. Put {PromptTemplates.Place} where the name of the class goes.");
        });
        _scale.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } scale && !(scale > 0 && double.IsFinite(scale)))
                result.AddError("--scale must be above 0.");
        });
        _noneBelow.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } bound && !(bound is >= -1 and <= 1))
                result.AddError("--none-below must be -1 to 1.");
        });
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_labels);
        command.Options.Add(_templates);
        command.Options.Add(_scale);
        command.Options.Add(_noneBelow);
    }

    /// <summary>Whether classes are named.</summary>
    public bool AreGiven(ParseResult arguments) => arguments.GetValue(_labels) is { Length: > 0 };

    /// <summary>A classifier of pictures or sounds.</summary>
    public Task<ZeroShotClassifier<DataContent>> ClassifierAsync(
        ParseResult arguments, IEmbeddingGenerator<string, Embedding<float>> texts, IEmbeddingGenerator<DataContent, Embedding<float>> items, IReadOnlyList<string> templates, CancellationToken cancellationToken) =>
        ZeroShotClassifier.CreateAsync(Split(arguments.GetValue(_labels)!), texts, items, Options(arguments, templates, usualScale: null), cancellationToken);

    /// <summary>A classifier of texts.</summary>
    public Task<ZeroShotClassifier<string>> ClassifierAsync(ParseResult arguments, IEmbeddingGenerator<string, Embedding<float>> texts, CancellationToken cancellationToken) =>
        ZeroShotClassifier.CreateAsync(Split(arguments.GetValue(_labels)!), texts, Options(arguments, PromptTemplates.Text, texts.GetService<ContrastiveScale>() is null ? UsualTextScale : null), cancellationToken);

    /// <summary>An answer as a line for people.</summary>
    public static string Line(string input, ZeroShotResult result) => string.Create(
        CultureInfo.InvariantCulture, $"{input}: {(result.IsNone ? "none of these; nearest: " : "")}{string.Join(", ", result.Classes.Select(found => string.Create(CultureInfo.InvariantCulture, $"{found.Label} {found.Probability:0.00}")))}");

    private ZeroShotOptions Options(ParseResult arguments, IReadOnlyList<string> templates, double? usualScale) => new()
    {
        Templates = arguments.GetValue(_templates) is { Length: > 0 } given ? given : templates,
        Scale = (arguments.GetValue(_scale) ?? usualScale) is { } scale ? new ContrastiveScale(scale) : null,
        MinScore = arguments.GetValue(_noneBelow),
    };

    private static string[] Split(string[] labels) => [.. labels.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
}
