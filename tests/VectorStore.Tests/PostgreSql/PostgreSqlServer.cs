using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Polymodal.VectorStore.Tests.PostgreSql;

/// <summary>The PostgreSQL that tests use: the one POLYMODAL_POSTGRES names, or one compiled to WebAssembly that Node.js runs. The second takes one connection and no COPY.</summary>
internal static class PostgreSqlServer
{
    private static readonly Lazy<Task<string>> Started = new(StartAsync);
    private static Process? _server; // held: its input closes when it is collected
    private static readonly Lazy<Task<NpgsqlDataSource>> Source = new(async () =>
    {
        var builder = new NpgsqlSlimDataSourceBuilder(await Started.Value);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return builder.Build();
    });

    /// <summary>The server that the environment names, or null.</summary>
    public static string? Named { get; } = Environment.GetEnvironmentVariable("POLYMODAL_POSTGRES") is { Length: > 0 } named ? named : null;

    /// <summary>How the server is reached. The small one takes one connection at a time: who uses this disposes before others go on.</summary>
    public static Task<string> ConnectionStringAsync() => Started.Value;

    /// <summary>An empty store in a schema of its own.</summary>
    public static async Task<PostgreSqlVectorStore> OpenAsync(string schema, Action<PostgreSqlVectorStoreOptions>? configure = null)
    {
        var options = new PostgreSqlVectorStoreOptions { Schema = schema, UseCopy = Named is not null, Index = PostgreSqlIndex.None };
        configure?.Invoke(options);
        return await PostgreSqlVectorStore.OpenAsync(await Source.Value, options);
    }

    public static string NewSchema() => $"test_{Guid.NewGuid():N}";

    public static async Task RunAsync(string sql)
    {
        await using NpgsqlCommand command = (await Source.Value).CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<string> ScalarAsync(string sql)
    {
        await using NpgsqlCommand command = (await Source.Value).CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<string> StartAsync()
    {
        if (Named is not null)
            return Named;
        (_server, int port) = await LaunchAsync();
        return LocalConnectionString(port);
    }

    /// <summary>How a server of <see cref="LaunchAsync"/> is reached.</summary>
    public static string LocalConnectionString(int port) => string.Create(CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;SSL Mode=Disable;No Reset On Close=true;Maximum Pool Size=1;Timeout=60;Command Timeout=60");

    /// <summary>Starts a server of its own and waits until it is ready. It ends with this process, whose end closes its input.</summary>
    /// <param name="arguments">Those of <c>tests/Servers/postgresql.mjs</c>.</param>
    public static async Task<(Process Server, int Port)> LaunchAsync(params string[] arguments)
    {
        string script = Path.Combine(Repository.Root, "tests", "Servers", "postgresql.mjs");
        Process server = Process.Start(new ProcessStartInfo("node", [script, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string? line = await server.StandardOutput.ReadLineAsync();
        Assert.True(int.TryParse(line, CultureInfo.InvariantCulture, out int port), $"node printed '{line}' instead of a port");
        return (server, port);
    }
}
