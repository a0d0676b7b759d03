using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Polymodal.VectorStore.PostgreSql;

/// <summary>Words PostgreSQL's error codes for a person: what was found, where, what to do. No value of a statement comes into a message.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>Whether the server undid the statement and the same one may work a moment later: a deadlock, a restart.</summary>
    public static bool IsUndone(Exception exception) => exception is PostgresException { SqlState: "40P01" or "40001" or "57P01" or "57P02" or "57P03" or "53300" or "55006" };

    /// <summary>Whether the connection broke or could not be made.</summary>
    public static bool IsBroken(Exception exception) =>
        exception is NpgsqlException and not PostgresException && (exception.InnerException is SocketException or IOException { InnerException: not TimeoutException } or null) && exception.InnerException is not TimeoutException;

    /// <summary>The error to show for one of the server or of the way to it.</summary>
    /// <param name="exception">The error, kept as the cause.</param>
    /// <param name="server">Host and database.</param>
    /// <param name="collection">The collection in use; null outside of one.</param>
    public static VectorStoreException Translate(Exception exception, string server, string? collection) => exception switch
    {
        PostgresException { SqlState: "42P01" or "XX000" } when collection is not null && IsMissingTable(exception) => VectorRules.Removed(collection),
        PostgresException answer => new($"PostgreSQL at {server} answered {answer.SqlState}: " + Advice(answer), exception),
        _ when exception.InnerException is TimeoutException => new($"PostgreSQL at {server} did not answer in time. Look at its load, or raise CommandTimeout or, in the connection string, Timeout.", exception),
        _ when exception.InnerException is AuthenticationException => new($"PostgreSQL at {server}: the TLS connection failed ({exception.InnerException.Message}). Check 'SSL Mode' and 'Root Certificate' in the connection string.", exception),
        _ when exception.InnerException is SocketException socket => new($"PostgreSQL at {server} cannot be reached ({socket.SocketErrorCode}). Check that it runs, and host and port of the connection string.", exception),
        _ => new($"the connection to PostgreSQL at {server} broke: {exception.Message} A write that was under way may or may not be stored; writing the same records again is safe.", exception),
    };

    private static bool IsMissingTable(Exception exception) => exception is PostgresException { SqlState: "42P01" };

    private static string Advice(PostgresException answer) => answer.SqlState switch
    {
        "28P01" or "28000" => "it refused user or password. Check 'Username' and 'Password' of the connection string.",
        "3D000" => "the database does not exist. Create it, or name another in the connection string.",
        "42501" or "25006" => $"this user may not do that ({answer.MessageText}). Grant the right, or let an administrator create schema and extension once.",
        "58P01" or "0A000" or "42704" when answer.MessageText.Contains("vector", StringComparison.Ordinal) =>
            "the extension pgvector is missing. Install it on the server (e.g. the package postgresql-17-pgvector or the image pgvector/pgvector) and run CREATE EXTENSION vector.",
        "53100" or "53200" or "53000" => "it ran out of disk or memory. Nothing was changed. Free some, then try again.",
        "53300" => "it has no connection left. Raise max_connections, or lower 'Maximum Pool Size' of the connection string.",
        "57014" => "the statement took longer than CommandTimeout or statement_timeout. Nothing was changed. Raise it, or look at the server's load.",
        "57P01" or "57P02" or "57P03" => "it is starting or shutting down. Try again in a moment.",
        "54000" => $"a value is larger than it takes ({answer.MessageText}). Store shorter texts or vectors.",
        _ => $"{answer.MessageText}. Nothing was changed. See the server's log.",
    };
}
