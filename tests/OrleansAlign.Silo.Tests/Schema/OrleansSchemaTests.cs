using Npgsql;
using OrleansAlign.Silo.Schema;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Schema;

[Collection(nameof(PostgresGroup))]
public sealed class OrleansSchemaTests(PostgresServer server)
{
    [PostgresFact]
    public async Task Of_many_that_start_at_once_one_makes_it()
    {
        string database = server.CreateDatabase();

        bool[] made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OrleansSchema.EnsureAsync(database)));

        Assert.Single(made, true);
        Assert.False(await OrleansSchema.EnsureAsync(database));
        Assert.Equal("20", Ask(database, "SELECT count(*) FROM orleans.OrleansQuery"));
    }

    [PostgresFact]
    public async Task An_older_one_is_brought_up_to_date_with_what_is_in_it_kept()
    {
        string database = server.CreateDatabase();
        await OrleansSchema.EnsureAsync(database);
        Ask(database, "DELETE FROM orleans.schema_version; UPDATE orleans.OrleansQuery SET QueryText = 'SELECT 1'; "
            + "DELETE FROM orleans.OrleansQuery WHERE QueryKey = 'ReadRangeRows1Key'; INSERT INTO orleans.cluster_version VALUES ('kept', 7)");

        Assert.True(await OrleansSchema.EnsureAsync(database));

        Assert.Equal("20|0", Ask(database, "SELECT count(*), count(*) FILTER (WHERE QueryText = 'SELECT 1') FROM orleans.OrleansQuery"));
        Assert.Equal("7", Ask(database, "SELECT version FROM orleans.cluster_version WHERE cluster = 'kept'"));
    }

    [PostgresFact]
    public async Task A_newer_one_is_left_alone()
    {
        string database = server.CreateDatabase();
        await OrleansSchema.EnsureAsync(database);
        Ask(database, "INSERT INTO orleans.schema_version VALUES (99)");

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => OrleansSchema.EnsureAsync(database));

        Assert.Equal($"schema orleans of the database has version 99, this program knows up to {OrleansSchema.Version}; "
            + "use the program that brought it there, or a newer one", error.Message);
    }

    [PostgresFact]
    public async Task A_user_without_the_right_is_told_how_to_get_it_and_one_with_a_schema_needs_none()
    {
        string database = server.CreateDatabase();
        NpgsqlConnectionStringBuilder poor = new(database) { Username = "poor", Password = "poor" };
        Ask(database, "DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN PASSWORD 'poor'");

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => OrleansSchema.EnsureAsync(poor.ConnectionString));
        Assert.Contains("GRANT CREATE ON DATABASE", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);

        Ask(database, "CREATE SCHEMA orleans AUTHORIZATION poor");
        Assert.True(await OrleansSchema.EnsureAsync(poor.ConnectionString));
    }

    private string Ask(string database, string sql) => server.Execute(new NpgsqlConnectionStringBuilder(database).Database!, sql);
}
