using Microsoft.Extensions.AI;

namespace Polymodal.Multimodal;

/// <summary>Chooses the route of an input: by its media type, then by the intent of the call, then by name.</summary>
internal sealed class RouteTable
{
    /// <summary>What callers give inputs in.</summary>
    public static string Parameter => "values";

    private const string PlainText = "text/plain";

    /// <summary>Keeps the routes.</summary>
    /// <exception cref="ArgumentException">There is none, one is null, or two have one name.</exception>
    public RouteTable(IEnumerable<Route> routes)
    {
        Routes = [.. routes];
        if (Routes.Contains(null!))
            throw new ArgumentException("a route is null.", nameof(routes));
        if (Routes.Count == 0)
            throw new ArgumentException("there are no routes. Register a framework (AddSentenceTransformersTextEmbeddings, AddTimmImageEmbeddings, …), or give Route.Text(...), Route.Image(...), Route.Audio(...).", nameof(routes));

        // One framework may be there for its inputs and once more for items of several parts, or for two intents.
        if (Routes.GroupBy(route => (route.Name, route.Modality, Intents: string.Join(' ', route.Intents))).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            throw new ArgumentException($"two routes are called '{twice.Key.Name}'. Give each a name of its own.", nameof(routes));
    }

    /// <summary>The routes, in the order given; of several that fit the last is taken.</summary>
    public IReadOnlyList<Route> Routes { get; }

    /// <summary>The route of a media type.</summary>
    /// <exception cref="ArgumentException">There is none, or the options name one that is not there.</exception>
    public Route For(string mediaType, int item, EmbeddingGenerationOptions? options) =>
        Choose([.. Routes.Where(route => route.Takes(mediaType))], $"input {item} is {mediaType}", options);

    /// <summary>The route of a kind of input.</summary>
    /// <inheritdoc cref="For(string, int, EmbeddingGenerationOptions?)"/>
    public Route For(EmbeddingModality modality, int item, EmbeddingGenerationOptions? options) =>
        Choose([.. Routes.Where(route => route.Modality == modality)], $"input {item} is fused of parts, one of kind {modality}", options);

    /// <summary>The route of a kind of input, or null when there is none.</summary>
    public Route? Default(EmbeddingModality modality)
    {
        Route[] candidates = [.. Routes.Where(route => route.Modality == modality)];
        return candidates.LastOrDefault(route => route.Intents.Count == 0) ?? candidates.LastOrDefault();
    }

    /// <summary>All routes that take a media type, the one that the options choose first.</summary>
    public IEnumerable<Route> All(string mediaType, int item, EmbeddingGenerationOptions? options)
    {
        Route first = For(mediaType, item, options);
        return Routes.Reverse().Where(route => route != first && route.Takes(mediaType)).Prepend(first);
    }

    /// <summary>The media type of an input.</summary>
    /// <exception cref="ArgumentException">It is of a kind that is not embedded.</exception>
    public static string MediaTypeOf(int item, AIContent content) => content switch
    {
        TextContent => PlainText,
        DataContent data => data.MediaType,
        UriContent address => throw new ArgumentException($"input {item} is the address of {address.MediaType}, and nothing is fetched here. Load it and give its bytes (DataContent).", Parameter),
        _ => throw new ArgumentException($"input {item} is a {content.GetType().Name}; embedded are TextContent, DataContent and CompositeContent.", Parameter),
    };

    /// <summary>The kind of an input, by its media type.</summary>
    /// <exception cref="ArgumentException">It is of a kind that is not embedded.</exception>
    public static EmbeddingModality ModalityOf(int item, AIContent content)
    {
        string mediaType = MediaTypeOf(item, content);
        foreach (EmbeddingModality modality in Enum.GetValues<EmbeddingModality>())
        {
            if (mediaType.StartsWith($"{modality}/", StringComparison.OrdinalIgnoreCase))
                return modality;
        }

        throw new ArgumentException($"input {item} has a part of {mediaType}, which is neither text, picture, sound nor film. Give its media type.", Parameter);
    }

    /// <summary>Names of routes, for messages.</summary>
    public static string Names(IEnumerable<Route> routes)
    {
        string names = string.Join(", ", routes.Select(route => route.MediaTypes.Count == 0 ? route.Name : $"{route.Name} for {string.Join(" ", route.MediaTypes)}"));
        return names.Length == 0 ? "none" : names;
    }

    private Route Choose(Route[] candidates, string what, EmbeddingGenerationOptions? options)
    {
        IReadOnlyList<string> names = options.GetRoutes();
        if (names.FirstOrDefault(name => Routes.All(route => route.Name != name)) is { } unknown)
            throw new ArgumentException($"the options name the route '{unknown}', which is not there (routes: {Names(Routes)}).", nameof(options));
        if (candidates.LastOrDefault(route => names.Contains(route.Name, StringComparer.Ordinal)) is { } named)
            return named;
        EmbeddingIntent? intent = options.GetIntent();
        return candidates.LastOrDefault(route => intent is { } asked && route.Intents.Contains(asked)) ?? candidates.LastOrDefault(route => route.Intents.Count == 0) ?? throw new ArgumentException(
            candidates.Length == 0
                ? $"{what}; no route takes it (routes: {Names(Routes)}). Register a framework that does, or add one with Route.Text, Route.Image, Route.Audio or Route.Video."
                : $"{what}, for the intent {intent?.ToString() ?? "none"}; routes that take it are for others ({string.Join(", ", candidates.Select(route => $"{route.Name} for {string.Join(" ", route.Intents)}"))}). " +
                  "Set the intent, or add a route for all.",
            Parameter);
    }
}
