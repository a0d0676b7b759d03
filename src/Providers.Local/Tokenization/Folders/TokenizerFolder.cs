using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Tokenization;

/// <summary>Reads the tokenizer of a model folder: its tokenizer.json, or the older files that transformers would convert.</summary>
internal static class TokenizerFolder
{
    private const string TokenizerFile = "tokenizer.json", Fast = "Fast";

    /// <summary>Reads it.</summary>
    /// <param name="folder">The model folder; remembers what was read.</param>
    /// <param name="directory">Where in it the tokenizer lies; empty: at its root.</param>
    public static Tokenizer Read(ModelFolder folder, string directory)
    {
        string In(string file) => directory.Length == 0 ? file : $"{directory}/{file}";
        if (folder.Has(In(TokenizerFile)))
            return Tokenizer.FromFile(folder.Use(In(TokenizerFile)));
        var settings = new TokenizerSettings(folder, In);
        (TokenizerFamily family, VocabularyFormat format, IReadOnlyList<string> files) = Choose(folder, directory, settings);
        RawVocabulary vocabulary = format.Read([.. files.Select(folder.Use)]);
        return Tokenizer.FromJson(new TokenizerBuild(family, settings, vocabulary).ToJson().Span, $"{folder.Name}/{files[0]}");
    }

    private static (TokenizerFamily Family, VocabularyFormat Format, IReadOnlyList<string> Files) Choose(ModelFolder folder, string directory, TokenizerSettings settings)
    {
        var found = TokenizerFamilies.All.SelectMany(family => family.Formats.Select(format => (Family: family, Format: format, Files: format.In(folder, directory))))
            .Where(candidate => candidate.Files is not null).Select(candidate => (candidate.Family, candidate.Format, Files: candidate.Files!)).ToList();
        if (found.Count == 0)
        {
            string[] known = [.. TokenizerFamilies.All.SelectMany(family => family.Formats).Select(format => string.Join(" + ", format.Files)).Distinct()];
            throw new FileNotFoundException(
                $"{folder.Name} has no {TokenizerFile} in {Path.Combine(folder.FullPath, directory)}, and no other vocabulary; known: {string.Join(", ", known)}. Fetch the whole model folder again.");
        }

        string? name = settings.Class?.EndsWith(Fast, StringComparison.Ordinal) == true ? settings.Class[..^Fast.Length] : settings.Class;
        string asked = name is not null ? $"tokenizer_class is '{JsonPart.Shortened(name)}'" : settings.ModelType is { } type ? $"model_type is '{JsonPart.Shortened(type)}'" : "neither tokenizer_config.json (tokenizer_class) nor config.json (model_type) says of which family it is";
        var fitting = found.Where(candidate => name is not null ? candidate.Family.Classes.Contains(name) : settings.ModelType is { } model && candidate.Family.ModelTypes.Contains(model)).ToList();
        if (fitting.Count > 0)
            return fitting[0];

        // Some file names belong to one family alone.
        var families = found.DistinctBy(candidate => candidate.Family).ToList();
        var named = found.Where(candidate => !TokenizerFamilies.All.Any(other => other != candidate.Family && other.Formats.Any(format => format.Files.SequenceEqual(candidate.Format.Files)))).ToList();
        if (name is null && settings.ModelType is null && named.Count > 0)
            return named[0];
        if (name is null && settings.ModelType is null && families.Count == 1)
            return families[0];
        throw new NotSupportedException(
            $"{folder.Name}: {string.Join(" + ", found[0].Files)} without {TokenizerFile}, and {asked}; supported for these files: {string.Join(", ", families.SelectMany(candidate => candidate.Family.Classes))}. " +
            "Name one of these in tokenizer_config.json, or export a tokenizer.json.");
    }
}
