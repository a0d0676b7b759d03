using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polymodal.VectorStore.Qdrant;

/// <summary>The requests about one collection of the server.</summary>
internal sealed class QdrantCollection(QdrantConnection connection, string name, string physicalName, VectorCollectionDefinition definition)
{
    private const int PointsOfPage = 500, LargestBody = 16 << 20;

    public string Name => name;

    /// <summary>Its name in the server.</summary>
    public string PhysicalName => physicalName;

    public VectorCollectionDefinition Definition => definition;

    public int SearchCandidates => connection.Options.SearchCandidates;

    public void ThrowIfDisposed() => connection.ThrowIfDisposed();

    /// <summary>Sends a request about the collection.</summary>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, Action<Utf8JsonWriter> body, CancellationToken cancellationToken) =>
        connection.SendAsync(method, $"collections/{physicalName}/{path}", body, name, cancellationToken);

    /// <summary>Makes the collection and its payload indexes.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        QdrantVectorStoreOptions options = connection.Options;
        await connection.SendAsync(HttpMethod.Put, $"collections/{physicalName}", json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("vectors");
            foreach ((string vector, VectorDefinition defined) in definition.Vectors)
            {
                json.WriteStartObject(QdrantPoint.NameOf(vector));
                json.WriteNumber("size", defined.Dimensions);
                json.WriteString("distance", defined.Metric == SimilarityMetric.Euclidean ? "Euclid" : "Dot");
                if (options.VectorsOnDisk)
                    json.WriteBoolean("on_disk", true);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("sparse_vectors");
            json.WriteStartObject(QdrantWords.SparseName);
            json.WriteString("modifier", "idf");
            json.WriteEndObject();
            json.WriteEndObject();
            foreach ((string key, int? value) in (ReadOnlySpan<(string, int?)>)
                [("shard_number", options.ShardNumber), ("replication_factor", options.ReplicationFactor), ("write_consistency_factor", options.WriteConsistencyFactor)])
            {
                if (value is { } number)
                    json.WriteNumber(key, number);
            }

            json.WriteEndObject();
        }, null, cancellationToken).ConfigureAwait(false);
        IEnumerable<(string Key, string Type)> indexes = ((string[])["fields", "words", "size", "apart"]).Select(key => (key, "keyword"))
            .Concat(definition.Vectors.Where(vector => vector.Value.Metric == SimilarityMetric.DotProduct).Select(vector => (QdrantPoint.LengthKey(definition, vector.Key), "float")));
        foreach ((string key, string type) in indexes)
        {
            await SendAsync(HttpMethod.Put, "index?wait=true", json =>
            {
                json.WriteStartObject();
                json.WriteString("field_name", key);
                json.WriteString("field_schema", type);
                json.WriteEndObject();
            }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stores records with different ids: by one request, unless they are more than a server takes at once.</summary>
    /// <exception cref="VectorStoreException">The message says how many of them are stored.</exception>
    public async Task UpsertAsync(IReadOnlyCollection<VectorRecord> records, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        int stored = 0, written = 0;
        var json = new Utf8JsonWriter(body);
        await using (json.ConfigureAwait(false))
        {
            Begin();
            foreach (VectorRecord record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                QdrantPoint.Write(json, record, definition);
                written++;
                if (json.BytesCommitted + json.BytesPending < LargestBody)
                    continue;
                await EndAsync().ConfigureAwait(false);
                body.Clear();
                json.Reset();
                Begin();
            }

            if (written > stored || records.Count == 0)
                await EndAsync().ConfigureAwait(false);
        }

        void Begin()
        {
            json.WriteStartObject();
            json.WriteStartArray("points");
        }

        async Task EndAsync()
        {
            json.WriteEndArray();
            json.WriteEndObject();
            await json.FlushAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await WriteAsync(HttpMethod.Put, "points?wait=true", body.WrittenMemory, cancellationToken).ConfigureAwait(false);
            }
            catch (VectorStoreException exception) when (stored > 0)
            {
                throw new VectorStoreException($"{stored} of {records.Count} records were stored, then: {exception.Message}", exception);
            }

            stored = written;
        }
    }

    /// <summary>Removes points by their ids.</summary>
    public async Task DeleteAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (string[] some in ids.Chunk(PointsOfPage * 10))
        {
            await WriteAsync(HttpMethod.Post, "points/delete?wait=true", QdrantConnection.ToUtf8(json =>
            {
                json.WriteStartObject();
                QdrantPoint.WriteList(json, "points", some);
                json.WriteEndObject();
            }), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the points of a filter that the server can apply as it is.</summary>
    public Task DeleteAsync(JsonNode? filter, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Post, "points/delete?wait=true", QdrantConnection.ToUtf8(json =>
        {
            json.WriteStartObject();
            WriteFilter(json, filter ?? new JsonObject());
            json.WriteEndObject();
        }), cancellationToken);

    /// <summary>How many points there are.</summary>
    public async Task<long> CountAsync(JsonNode? filter, CancellationToken cancellationToken)
    {
        JsonElement answer = await SendAsync(HttpMethod.Post, "points/count", json =>
        {
            json.WriteStartObject();
            WriteFilter(json, filter);
            json.WriteBoolean("exact", true);
            json.WriteEndObject();
        }, cancellationToken).ConfigureAwait(false);
        return answer.GetProperty("count").GetInt64();
    }

    /// <summary>Reads records; unknown ids are left out, in any order.</summary>
    public async Task<List<VectorRecord>> GetAsync(IEnumerable<RecordId> ids, CancellationToken cancellationToken)
    {
        var found = new List<VectorRecord>();
        foreach (RecordId[] some in ids.Distinct().Chunk(PointsOfPage))
        {
            HashSet<RecordId> wanted = [.. some];
            JsonElement answer = await SendAsync(HttpMethod.Post, "points", json =>
            {
                json.WriteStartObject();
                QdrantPoint.WriteList(json, "ids", some.Select(QdrantPoint.IdOf));
                QdrantPoint.WriteList(json, "with_payload", QdrantPoint.RecordKeys);
                json.WriteBoolean("with_vector", true);
                json.WriteEndObject();
            }, cancellationToken).ConfigureAwait(false);
            found.AddRange(answer.EnumerateArray().Select(point => QdrantPoint.Read(point, definition)).Where(record => wanted.Contains(record.Id)));
        }

        return found;
    }

    /// <summary>The first points of a filter by one request, and whether there are no more.</summary>
    public async Task<(JsonElement[] Points, JsonElement? Next)> PageAsync(JsonNode? filter, JsonElement? from, int limit, bool withVectors, string[] keys, CancellationToken cancellationToken)
    {
        JsonElement answer = await SendAsync(HttpMethod.Post, "points/scroll", json =>
        {
            json.WriteStartObject();
            WriteFilter(json, filter);
            json.WriteNumber("limit", limit);
            QdrantPoint.WriteList(json, "with_payload", keys);
            json.WriteBoolean("with_vector", withVectors);
            if (from is { } offset)
            {
                json.WritePropertyName("offset");
                offset.WriteTo(json);
            }

            json.WriteEndObject();
        }, cancellationToken).ConfigureAwait(false);
        JsonElement? next = answer.TryGetProperty("next_page_offset", out JsonElement id) && id.ValueKind != JsonValueKind.Null ? id : null;
        return ([.. answer.GetProperty("points").EnumerateArray()], next);
    }

    /// <summary>All points of a filter, page by page.</summary>
    public IAsyncEnumerable<JsonElement> ScrollAsync(JsonNode? filter, bool withVectors, CancellationToken cancellationToken) =>
        ScrollAsync(filter, PointsOfPage, withVectors, QdrantPoint.RecordKeys, cancellationToken);

    /// <inheritdoc cref="ScrollAsync(JsonNode?, bool, CancellationToken)"/>
    public async IAsyncEnumerable<JsonElement> ScrollAsync(JsonNode? filter, int pageSize, bool withVectors, string[] keys, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonElement? from = null;
        do
        {
            (JsonElement[] points, from) = await PageAsync(filter, from, pageSize, withVectors, keys, cancellationToken).ConfigureAwait(false);
            foreach (JsonElement point in points)
                yield return point;
        }
        while (from is not null);
    }

    /// <summary>Writes the member <c>filter</c>, unless there is none.</summary>
    public static void WriteFilter(Utf8JsonWriter json, JsonNode? filter)
    {
        if (filter is null)
            return;
        json.WritePropertyName("filter");
        filter.WriteTo(json);
    }

    private async Task WriteAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        JsonElement answer = await connection.SendAsync(method, $"collections/{physicalName}/{path}", body, name, cancellationToken).ConfigureAwait(false);
        if (answer.TryGetProperty("status", out JsonElement status) && status.GetString() is not "completed" and { } other)
            throw new VectorStoreException($"Qdrant at {connection.Server} took a write but has not applied it ('{other}'). It will appear later; write the same records again to be sure.");
    }
}
