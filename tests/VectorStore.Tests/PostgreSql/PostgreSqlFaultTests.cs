using Npgsql;
using static Polymodal.VectorStore.Tests.TestData;

namespace Polymodal.VectorStore.Tests.PostgreSql;

public sealed class PostgreSqlFaultTests
{
    // Long, so that no error but that of a silent server can be one of time.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static async Task<VectorStoreException> RefusedAsync(string connectionString, int retries = 0, TimeSpan? timeout = null)
    {
        VectorStoreException error = await Assert.ThrowsAsync<VectorStoreException>(() =>
            PostgreSqlVectorStore.OpenAsync(connectionString, new() { Retries = retries, CommandTimeout = timeout ?? Patience }).WaitAsync(2 * Patience));
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        return error;
    }

    [Fact]
    public async Task A_server_that_is_gone_is_named()
    {
        string connectionString;
        using (var gone = new FakePostgreSql())
            connectionString = gone.ConnectionString;
        Assert.Contains("cannot be reached", (await RefusedAsync(connectionString, retries: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        using var silent = new FakePostgreSql();
        Assert.Contains("did not answer in time", (await RefusedAsync(new NpgsqlConnectionStringBuilder(silent.ConnectionString) { Timeout = 1 }.ConnectionString, timeout: TimeSpan.FromSeconds(1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("28P01", "refused user or password")]
    [InlineData("3D000", "database does not exist")]
    [InlineData("57P03", "Try again in a moment")]
    [InlineData("53300", "no connection left")]
    public async Task A_refused_login_says_what_to_check(string state, string advice)
    {
        using var strict = new FakePostgreSql(errorAtLogin: state);
        VectorStoreException error = await RefusedAsync(strict.ConnectionString, retries: 1);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.Contains(state, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("58P01", "could not open extension control file \"/usr/share/postgresql/15/extension/vector.control\": No such file or directory", "pgvector is missing")]
    [InlineData("0A000", "extension \"vector\" is not available", "pgvector is missing")]
    [InlineData("42501", "permission denied to create extension \"vector\"", "Grant the right")]
    [InlineData("53100", "could not extend file", "out of disk")]
    [InlineData("57014", "canceling statement due to statement timeout", "CommandTimeout")]
    public async Task An_error_of_a_statement_says_what_to_do(string state, string said, string advice)
    {
        using var failing = new FakePostgreSql(error: (state, said));
        Assert.Contains(advice, (await RefusedAsync(failing.ConnectionString)).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("Host=x;Passwort=s3cret"), InlineData("Host=x;Port=s3cret")]
    public async Task A_bad_connection_string_is_refused_without_being_shown(string connectionString)
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => PostgreSqlVectorStore.OpenAsync(connectionString));
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory, InlineData(""), InlineData("1a"), InlineData("A"), InlineData("a-b"), InlineData("pg_x"), InlineData("a;DROP")]
    public async Task A_bad_schema_is_refused(string schema) =>
        await Assert.ThrowsAsync<ArgumentException>(() => PostgreSqlVectorStore.OpenAsync("Host=x", new() { Schema = schema }));

    [Fact]
    public async Task Options_out_of_range_are_named()
    {
        foreach ((string name, PostgreSqlVectorStoreOptions options) in (IEnumerable<(string, PostgreSqlVectorStoreOptions)>)
            [("HnswNeighbours", new() { HnswNeighbours = 1 }), ("HnswBuildCandidates", new() { HnswBuildCandidates = 31 }), ("HnswSearchCandidates", new() { HnswSearchCandidates = 1001 }), ("IvfLists", new() { IvfLists = 0 }), ("Retries", new() { Retries = -1 }), ("CommandTimeout", new() { CommandTimeout = TimeSpan.Zero })])
            Assert.Equal(name, (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PostgreSqlVectorStore.OpenAsync("Host=x", options))).ParamName);
    }
}
