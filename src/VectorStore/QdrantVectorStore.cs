using System.Text;
using System.Text.Json;
using Polymodal.VectorStore.Qdrant;
using Polymodal.VectorStore.Sqlite;

namespace Polymodal.VectorStore;

/// <summary>Keeps vectors in a Qdrant server or cluster, over its REST interface. An exact search, the default, gives what <see cref="MemoryVectorStore"/> gives; an approximate one uses Qdrant's index.</summary>
/// <remarks>
/// <para>Safe for concurrent use. Qdrant has no transactions: a batch is one request (several beyond 16 MB) that the server applies point by point, so a reader may see a part of one that is being written, a
/// <see cref="IVectorCollection.ScanAsync"/> over more than 1,000 records may see later writes, and how many records a delete removed is counted before it. What was stored when a call fails is said by the error, and writing the same again is safe.</para>
/// <para>Names of collections are kept in a collection of their own, called as <see cref="QdrantVectorStoreOptions.Prefix"/>; others begin with it. Two programs should not create one collection at the same moment.</para>
/// </remarks>
public sealed class QdrantVectorStore : IVectorStore
{
    private readonly QdrantConnection _connection;

    /// <summary>Uses a server; nothing is sent yet.</summary>
    /// <param name="client">Sends the requests; the caller's, and not disposed. Its <see cref="HttpClient.Timeout"/> should be no shorter than <see cref="QdrantVectorStoreOptions.Timeout"/>.</param>
    /// <param name="options">How to use the server; null means the defaults.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public QdrantVectorStore(HttpClient client, QdrantVectorStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _connection = new(client, (options ?? new()).Validated());
    }

    private string Registry => _connection.Options.Prefix;

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionDefinition definition, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection>(async () =>
        {
            _connection.ThrowIfDisposed();
            VectorRules.CheckName(name);
            VectorRules.CheckDefinition(definition);
            QdrantCollection collection = await FindAsync(name, cancellationToken).ConfigureAwait(false) ?? await CreateAsync(name, definition, cancellationToken).ConfigureAwait(false);
            VectorRules.CheckSame(name, collection.Definition, definition);
            return new QdrantVectorCollection(collection);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IVectorCollection?> GetCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run<IVectorCollection?>(async () =>
        {
            ArgumentNullException.ThrowIfNull(name);
            return await FindAsync(name, cancellationToken).ConfigureAwait(false) is { } collection ? new QdrantVectorCollection(collection) : null;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<string>>(async () =>
        {
            var names = new List<string>();
            if (await HasRegistryAsync(cancellationToken).ConfigureAwait(false))
            {
                await foreach (JsonElement point in RegistryCollection().ScrollAsync(null, 1_000, withVectors: false, ["name"], cancellationToken).ConfigureAwait(false))
                    names.Add(point.GetProperty("payload").GetProperty("name").GetString()!);
            }

            return [.. names.Order(StringComparer.Ordinal)];
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            ArgumentNullException.ThrowIfNull(name);
            if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is not { } collection)
                return false;
            await RegistryCollection().DeleteAsync([EntryId(name)], cancellationToken).ConfigureAwait(false);
            await DropAsync(collection, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task RenameCollectionAsync(string name, string newName, CancellationToken cancellationToken = default) =>
        Task.Run(async () =>
        {
            ArgumentNullException.ThrowIfNull(name);
            VectorRules.CheckName(newName);
            if (name == newName)
                return;
            QdrantCollection collection = await FindAsync(name, cancellationToken).ConfigureAwait(false) ?? throw VectorRules.Unknown(name);
            QdrantCollection? replaced = await FindAsync(newName, cancellationToken).ConfigureAwait(false);
            await _connection.SendAsync(HttpMethod.Post, $"collections/{Registry}/points/batch?wait=true", json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("operations");
                json.WriteStartObject();
                json.WriteStartObject("upsert");
                WriteEntry(json, newName, collection);
                json.WriteEndObject();
                json.WriteEndObject();
                json.WriteStartObject();
                json.WriteStartObject("delete");
                QdrantPoint.WriteList(json, "points", [EntryId(name)]);
                json.WriteEndObject();
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
            }, null, cancellationToken).ConfigureAwait(false);
            if (replaced is not null)
                await DropAsync(replaced, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Later calls throw <see cref="ObjectDisposedException"/>. The client is the caller's and stays as it is.</summary>
    public void Dispose() => _connection.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static string EntryId(string name) => QdrantPoint.IdOf(Encoding.UTF8.GetBytes(name));

    private static void WriteEntry(Utf8JsonWriter json, string name, QdrantCollection collection)
    {
        json.WriteStartArray("points");
        json.WriteStartObject();
        json.WriteString("id", EntryId(name));
        json.WriteStartObject("vector");
        json.WriteEndObject();
        json.WriteStartObject("payload");
        json.WriteString("name", name);
        json.WriteString("collection", collection.PhysicalName);
        json.WriteString("definition", DefinitionJson.ToUtf8(collection.Definition));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    // The registry's points have no vectors, so its definition does not matter.
    private QdrantCollection RegistryCollection() => new(_connection, Registry, Registry, new(new VectorDefinition { SpaceId = Registry, Dimensions = 1 }));

    private async Task<bool> HasRegistryAsync(CancellationToken cancellationToken)
    {
        JsonElement answer = await _connection.SendAsync(HttpMethod.Get, $"collections/{Registry}/exists", ReadOnlyMemory<byte>.Empty, null, cancellationToken).ConfigureAwait(false);
        return answer.GetProperty("exists").GetBoolean();
    }

    private async Task<QdrantCollection?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!await HasRegistryAsync(cancellationToken).ConfigureAwait(false))
            return null;
        JsonElement answer = await _connection.SendAsync(HttpMethod.Post, $"collections/{Registry}/points", json =>
        {
            json.WriteStartObject();
            QdrantPoint.WriteList(json, "ids", [EntryId(VectorRules.WellFormed(name))]);
            json.WriteBoolean("with_payload", true);
            json.WriteBoolean("with_vector", false);
            json.WriteEndObject();
        }, null, cancellationToken).ConfigureAwait(false);
        return answer.EnumerateArray().Select(point => point.GetProperty("payload")).Where(entry => entry.GetProperty("name").GetString() == name)
            .Select(entry => new QdrantCollection(_connection, name, entry.GetProperty("collection").GetString()!, DefinitionJson.Parse(Encoding.UTF8.GetBytes(entry.GetProperty("definition").GetString()!))))
            .FirstOrDefault();
    }

    private async Task<QdrantCollection> CreateAsync(string name, VectorCollectionDefinition definition, CancellationToken cancellationToken)
    {
        if (!await HasRegistryAsync(cancellationToken).ConfigureAwait(false))
        {
            await _connection.SendAsync(HttpMethod.Put, $"collections/{Registry}", json =>
            {
                json.WriteStartObject();
                json.WriteStartObject("vectors");
                json.WriteEndObject();
                json.WriteEndObject();
            }, null, cancellationToken).ConfigureAwait(false);
        }

        var collection = new QdrantCollection(_connection, name, $"{Registry}-{Guid.NewGuid():N}", definition);
        await collection.CreateAsync(cancellationToken).ConfigureAwait(false);
        // Only now it has a name: whoever finds it finds it whole.
        await _connection.SendAsync(HttpMethod.Put, $"collections/{Registry}/points?wait=true", json =>
        {
            json.WriteStartObject();
            WriteEntry(json, name, collection);
            json.WriteEndObject();
        }, null, cancellationToken).ConfigureAwait(false);
        return await FindAsync(name, cancellationToken).ConfigureAwait(false) ?? throw VectorRules.Removed(name);
    }

    private Task<JsonElement> DropAsync(QdrantCollection collection, CancellationToken cancellationToken) =>
        _connection.SendAsync(HttpMethod.Delete, $"collections/{collection.PhysicalName}", ReadOnlyMemory<byte>.Empty, null, cancellationToken);
}
