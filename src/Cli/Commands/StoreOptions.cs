using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Polymodal.VectorStore;

namespace Polymodal.Cli.Commands;

/// <summary>The options that choose a vector store and a collection, the same for every command that uses one.</summary>
internal sealed class StoreOptions
{
    private readonly Option<string> _file = new("--db") { Description = "The file of the vector store", DefaultValueFactory = _ => "polymodal.db" };
    private readonly Option<string> _collection = new("--collection", "-c") { Description = "The collection's name", DefaultValueFactory = _ => "documents" };

    public void AddTo(Command command, bool withCollection = true)
    {
        command.Options.Add(_file);
        if (withCollection)
            command.Options.Add(_collection);
    }

    /// <summary>The collection's name.</summary>
    public string Name(ParseResult arguments) => arguments.GetRequiredValue(_collection);

    /// <summary>The file's path.</summary>
    public string Path(ParseResult arguments) => arguments.GetRequiredValue(_file);

    /// <summary>Opens the store, creating the file when it does not exist.</summary>
    public Task<SqliteVectorStore> CreateAsync(ParseResult arguments, CancellationToken cancellationToken) =>
        SqliteVectorStore.OpenAsync(Path(arguments), cancellationToken: cancellationToken);

    /// <summary>Opens a store that exists.</summary>
    /// <exception cref="FileNotFoundException">There is no such file; none is created.</exception>
    public Task<SqliteVectorStore> OpenAsync(ParseResult arguments, CancellationToken cancellationToken) =>
        File.Exists(Path(arguments)) || Directory.Exists(Path(arguments))
            ? CreateAsync(arguments, cancellationToken)
            : throw new FileNotFoundException($"{Path(arguments)} does not exist. Name the store's file with --db, or make one with 'polymodal index'.", Path(arguments));

    /// <summary>Opens a collection that exists.</summary>
    /// <exception cref="ArgumentException">The store has none of that name.</exception>
    public async Task<IVectorCollection> CollectionAsync(IVectorStore store, ParseResult arguments, CancellationToken cancellationToken)
    {
        string name = Name(arguments);
        if (await store.GetCollectionAsync(name, cancellationToken) is { } collection)
            return collection;
        IReadOnlyList<string> known = await store.ListCollectionsAsync(cancellationToken);
        throw new ArgumentException($"{Path(arguments)} has no collection '{name}'; it has: {(known.Count == 0 ? "none" : string.Join(", ", known))}. Name one with --collection.");
    }

    /// <summary>An option for a filter in JSON.</summary>
    public static Option<VectorFilter?> Filter() => new("--filter")
    {
        Description = "Only records that match, in JSON, e.g. {\"key\": \"source\", \"startsWith\": \"docs/\"}",
        CustomParser = result =>
        {
            try
            {
                return VectorFilter.FromJson(result.Tokens[0].Value);
            }
            catch (ArgumentException exception)
            {
                result.AddError($"--filter: {CliErrors.Message(exception)}");
                return null;
            }
        },
    };

    /// <summary>A whole number of at least 1.</summary>
    public static Option<int> Count(string name, string description, int standard) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)
                return count;
            result.AddError($"{name} is '{result.Tokens[0].Value}'. Give a whole number of at least 1.");
            return standard;
        },
    };
}
