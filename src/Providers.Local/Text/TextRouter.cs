using System.Text.RegularExpressions;
using Polymodal.Providers.Local.Models;

namespace Polymodal.Providers.Local.Text;

/// <summary>Several ways through one model, by what a text is for: the module Router, formerly Asym. A model without one has one way.</summary>
/// <remarks>Reference: sentence-transformers 6.2, modules/router.py.</remarks>
internal sealed partial class TextRouter
{
    private const string Text = "text";
    private readonly RouterParameters _parameters;
    private readonly string _where;

    private TextRouter(IReadOnlyDictionary<string, FolderModule[]> routes, RouterParameters parameters, string where)
    {
        Routes = routes;
        _parameters = parameters;
        _where = where;
        Default = parameters.DefaultRoute ?? (parameters.AllowEmptyKey != false ? routes.Keys.First() : null);
    }

    /// <summary>The modules of each way, from the first of the model to the last.</summary>
    public IReadOnlyDictionary<string, FolderModule[]> Routes { get; }

    /// <summary>The way of a text whose purpose is not known, or null when the model wants it said.</summary>
    public string? Default { get; }

    /// <summary>Finds the ways through a list of modules.</summary>
    /// <exception cref="InvalidDataException">The router's file is damaged or names what is not there.</exception>
    public static TextRouter Of(ModelFolder folder, FolderModule[] modules)
    {
        int place = Array.FindIndex(modules, module => module.Type is "Router" or "Asym");
        if (place < 0)
            return new TextRouter(new Dictionary<string, FolderModule[]> { [""] = modules }, new RouterParameters("", null, null), folder.Name);
        FolderModule router = modules[place];
        string file = router.File("router_config.json");
        if (!folder.Has(file) && folder.Has(router.File("config.json")))
            file = router.File("config.json");
        string where = $"{folder.Name}/{file}";
        RouterConfig config = folder.Read(file, TextModelJson.Default.RouterConfig);
        if (config is not { Types: { Count: > 0 } types, Structure: { Count: > 0 } structure })
            throw new InvalidDataException($"{where}: types or structure is missing. Save the model again.");

        FolderModule Module(string id) => new(id, TextModules.LastName(types.TryGetValue(id, out string? type)
            ? type : throw new InvalidDataException($"{where}: structure names '{id}', which types does not have (it has {string.Join(", ", types.Keys)}). Save the model again.")), router.File(id));
        var parameters = config.Parameters ?? new RouterParameters(null, null, null);
        foreach (string target in (parameters.RouteMappings?.Values ?? []).Append(parameters.DefaultRoute ?? structure.Keys.First()))
        {
            if (!structure.ContainsKey(target))
                throw new InvalidDataException($"{where}: parameters name the route '{target}', which structure does not have (it has {string.Join(", ", structure.Keys)}). Save the model again.");
        }

        // The router itself stays as a step of its own name, which gives what its way gave.
        return new TextRouter(
            structure.ToDictionary(route => route.Key, route => (FolderModule[])[.. modules[..place], .. route.Value.Select(Module), router, .. modules[(place + 1)..]], StringComparer.Ordinal),
            parameters, where);
    }

    /// <summary>The way for an intent.</summary>
    /// <exception cref="ArgumentException">The model has none for it.</exception>
    public string For(EmbeddingIntent? intent)
    {
        string? task = intent?.ToString().ToLowerInvariant();
        // A library call names a task only for queries and documents; other intents take a way of their name where there is one.
        if (intent is not (null or EmbeddingIntent.Query or EmbeddingIntent.Document) && !Routes.ContainsKey(task!))
            task = null;
        return Mapped(task, Text) ?? Mapped(task, null) ?? Mapped(null, Text) ?? Mapped(null, null)
            ?? (task is not null && Routes.ContainsKey(task) ? task : Routes.ContainsKey(Text) ? Text : null)
            ?? (Routes.Count == 1 && Routes.ContainsKey("") ? "" : null)
            ?? (task is null ? Default : null)
            ?? throw new ArgumentException($"{_where}: no route takes {(task is null ? "a text without intent" : $"the intent {intent}")}; routes: {string.Join(", ", Routes.Keys)}. Call with one of these intents.");
    }

    private string? Mapped(string? task, string? modality)
    {
        foreach ((string key, string route) in _parameters.RouteMappings ?? new Dictionary<string, string>())
        {
            if (Pair().Match(key) is { Success: true } pair && Word(pair.Groups[1]) == task && Word(pair.Groups[2]) == modality)
                return route;
        }

        return null;
    }

    private static string? Word(Group group) => group.Value == "None" ? null : group.Value[1..^1];

    [GeneratedRegex(@"^\(\s*(None|'[^']*'|""[^""]*"")\s*,\s*(None|'[^']*'|""[^""]*"")\s*\)$")]
    private static partial Regex Pair();
}
