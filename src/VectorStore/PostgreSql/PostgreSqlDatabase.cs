using System.Data;
using Npgsql;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>Runs work on connections of a pool: what the server undid or could not begin is tried again, other errors are worded.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class PostgreSqlDatabase : IAsyncDisposable, IDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly bool _ownsSource;
    private volatile bool _disposed;

    public PostgreSqlDatabase(NpgsqlDataSource source, bool ownsSource, PostgreSqlVectorStoreOptions options)
    {
        (_source, _ownsSource, Options) = (source, ownsSource, options);
        var address = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        Server = $"{address.Host}:{address.Port}/{address.Database ?? address.Username}";
    }

    public PostgreSqlVectorStoreOptions Options { get; }

    /// <summary>Host, port and database, without user and password.</summary>
    public string Server { get; }

    /// <summary>Reads in one state of the database.</summary>
    public Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, string? collection, CancellationToken cancellationToken) =>
        RunAsync(connection => InTransactionAsync(connection, IsolationLevel.RepeatableRead, read, cancellationToken), collection, isRepeatable: true, cancellationToken);

    /// <summary>Reads with one statement.</summary>
    public Task<T> ReadOneAsync<T>(Func<NpgsqlConnection, Task<T>> read, string? collection, CancellationToken cancellationToken) =>
        RunAsync(read, collection, isRepeatable: true, cancellationToken);

    /// <summary>Writes all or nothing.</summary>
    /// <param name="write">The statements.</param>
    /// <param name="collection">The collection in use, for messages.</param>
    /// <param name="isRepeatable">Whether doing it twice is the same as once, result included: then it is tried again even when nobody knows whether the server did it before the connection broke.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, string? collection, bool isRepeatable, CancellationToken cancellationToken) =>
        RunAsync(connection => InTransactionAsync(connection, IsolationLevel.ReadCommitted, write, cancellationToken), collection, isRepeatable, cancellationToken);

    /// <summary>A connection of the pool.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return connection;
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(PostgreSqlVectorStore));

    /// <summary>Runs what does its own transactions; its errors are worded.</summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, string? collection, bool isRepeatable, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            ThrowIfDisposed();
            cancellationToken.ThrowIfCancellationRequested();
            bool hasBegun = false;
            try
            {
                NpgsqlConnection connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    hasBegun = true;
                    return await work(connection).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                bool mayRepeat = PostgreSqlErrors.IsUndone(exception) || (PostgreSqlErrors.IsBroken(exception) && (isRepeatable || !hasBegun));
                if (!mayRepeat || attempt == Options.Retries)
                    throw PostgreSqlErrors.Translate(exception, Server, collection);
                _source.Clear(); // after a restart no connection of the pool lives
                await Task.Delay(TimeSpan.FromMilliseconds(200 << attempt), cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (_disposed)
            {
                ThrowIfDisposed();
            }
        }
    }

    public void Dispose()
    {
        _disposed = true;
        if (_ownsSource)
            _source.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (_ownsSource)
            await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<T> InTransactionAsync<T>(NpgsqlConnection connection, IsolationLevel level, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(level, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            T result = await work(connection).ConfigureAwait(false);
            // From here on the server decides: a cancelled commit could be stored or not.
            cancellationToken.ThrowIfCancellationRequested();
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            return result;
        }
    }
}
