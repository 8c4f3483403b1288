using OrleansAlign.Core.Ledger;
using OrleansAlign.Tests;

namespace OrleansAlign.Ledgers.Tests;

/// <summary>Opening a database: its schema, and the messages for databases that cannot be opened.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class PostgresOpeningTests(PostgresServer server)
{
    private static readonly PostgresLedgerOptions AtOnce = new() { PatienceToOpen = TimeSpan.Zero };

    [PostgresFact]
    public async Task Several_that_open_at_once_make_the_schema_once()
    {
        string database = server.CreateDatabase();

        Task<PostgresLedgers> OpenAsync() => Task.Run(() => PostgresLedgers.OpenAsync(database, TimeProvider.System));
        PostgresLedgers[] silos = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => OpenAsync()));

        Assert.Equal(
            string.Join(',', Enumerable.Range(1, PostgresLedgers.SchemaVersion)),
            server.Execute(Name(database), "SELECT string_agg(version::text, ',' ORDER BY version) FROM align.schema_version"));
        foreach (PostgresLedgers ledgers in silos)
        {
            Assert.Empty(await ledgers.RunIdsAsync());
            await ledgers.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task A_newer_schema_is_refused_and_left_as_it_is()
    {
        string database = server.CreateDatabase();
        await (await PostgresLedgers.OpenAsync(database, TimeProvider.System)).DisposeAsync();
        server.Execute(Name(database), $"INSERT INTO align.schema_version VALUES ({PostgresLedgers.SchemaVersion + 1})");

        string message = await ProblemAsync(database);

        string versions = $"schema version {PostgresLedgers.SchemaVersion + 1}, this program knows up to {PostgresLedgers.SchemaVersion}";
        Assert.Contains(versions, message, StringComparison.Ordinal);
        Assert.Equal($"{PostgresLedgers.SchemaVersion + 1}", server.Execute(Name(database), "SELECT count(*) FROM align.schema_version"));
    }

    [PostgresFact]
    public async Task A_database_of_the_first_version_becomes_what_a_new_one_is()
    {
        const string columns = """
            SELECT string_agg(
                format('%s.%s %s %s %s %s', table_name, column_name, data_type, collation_name, is_nullable, column_default), ';'
                ORDER BY table_name, column_name)
            FROM information_schema.columns WHERE table_schema = 'align'
            """;
        const string keys = "SELECT string_agg(indexdef, ';' ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'align'";
        string older = server.CreateDatabase(), present = server.CreateDatabase();
        const string row = "INSERT INTO align.run VALUES ('old', 'name: x', '/data', '7', 'hash', '0.1.0');";
        server.Execute(Name(older), $"CREATE SCHEMA align; {FirstSchema.Postgres} {row}");

        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(older, TimeProvider.System);
        await (await PostgresLedgers.OpenAsync(present, TimeProvider.System)).DisposeAsync();

        Assert.Equal(new RunRow("old", "name: x", "/data", 7, "hash", "0.1.0"), await ledgers.Open("old").RunAsync());
        Assert.Equal(server.Execute(Name(present), columns), server.Execute(Name(older), columns));
        Assert.Equal(server.Execute(Name(present), keys), server.Execute(Name(older), keys));
    }

    [PostgresFact]
    public async Task A_user_who_may_make_no_schema_takes_the_one_that_was_made_for_him()
    {
        string database = server.CreateDatabase(), name = Name(database), user = $"{name}_user";
        server.Execute(name, $"CREATE ROLE {user} LOGIN PASSWORD 'secret'");
        string login = database
            .Replace($"Username={PostgresServer.User}", $"Username={user}", StringComparison.Ordinal)
            .Replace(PostgresServer.Password, "secret", StringComparison.Ordinal);

        Assert.Contains("GRANT CREATE", await ProblemAsync(login), StringComparison.Ordinal);

        server.Execute(name, $"CREATE SCHEMA align AUTHORIZATION {user}");
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(login, TimeProvider.System);
        Assert.Empty(await ledgers.RunIdsAsync());
    }

    [PostgresFact]
    public async Task A_database_that_cannot_hold_every_text_is_refused()
    {
        string database = server.CreateDatabase(), name = Name(database);
        server.Execute(name, $"CREATE DATABASE {name}_latin ENCODING 'LATIN1' TEMPLATE template0");

        Assert.Contains("ENCODING 'UTF8'", await ProblemAsync(server.ConnectionString($"{name}_latin")), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_wrong_password_and_a_missing_database_are_said_at_once()
    {
        string database = server.CreateDatabase();

        string password = await ProblemAsync(database.Replace(PostgresServer.Password, "wrong-secret", StringComparison.Ordinal), new PostgresLedgerOptions());
        string missing = await ProblemAsync(server.ConnectionString("nowhere"), new PostgresLedgerOptions());

        Assert.Contains("correct Username and Password", password, StringComparison.Ordinal);
        Assert.Contains("create the database, or correct Database", missing, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{server.Port}, database nowhere, user {PostgresServer.User}", missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        using var taken = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        taken.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        int port = ((System.Net.IPEndPoint)taken.LocalEndPoint!).Port;

        string refused = await ProblemAsync($"Host=127.0.0.1;Port={port};Database=runs;Username=me;Password=secret");
        string unknown = await ProblemAsync("Host=no-such-host.invalid;Database=runs;Username=me;Password=secret");

        Assert.Contains($"PostgreSQL at 127.0.0.1:{port}, database runs, user me: ", refused, StringComparison.Ordinal);
        Assert.Contains("nothing listens there; start the server", refused, StringComparison.Ordinal);
        Assert.Contains("no-such-host.invalid:5432", unknown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no connection string", "cannot be read")]
    [InlineData("", "has no Host")]
    [InlineData("Database=x;Password=secret", "has no Host")]
    [InlineData("Host=a;Port=x;Password=secret", "value of port")]
    [InlineData("Host=a;Port=99999;Password=secret", "from 1 to 65535")]
    [InlineData("Host=a;Password=part;secret=part", "values with ; or = in them quoted")]
    public async Task A_connection_string_that_is_none_is_explained_without_repeating_it(string connectionString, string what) =>
        Assert.Contains(what, await ProblemAsync(connectionString), StringComparison.Ordinal);

    private static string Name(string connectionString) =>
        connectionString.Split(';').Single(part => part.StartsWith("Database=", StringComparison.Ordinal))[9..];

    /// <summary>The message of the exception that opening throws: one line. Neither the message nor an inner exception has the password.</summary>
    private static async Task<string> ProblemAsync(string connectionString, PostgresLedgerOptions? options = null)
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => PostgresLedgers.OpenAsync(connectionString, TimeProvider.System, options ?? AtOnce));
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(PostgresServer.Password, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }
}
