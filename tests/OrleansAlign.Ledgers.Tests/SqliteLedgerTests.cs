using Microsoft.Data.Sqlite;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers.Tests;

public sealed class SqliteLedgerTests : LedgerConformance, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-ledger-").FullName;

    private string LedgerPath => Path.Combine(folder, "ledger.db");

    protected override Task<IRunLedger> OpenAsync() => Task.FromResult<IRunLedger>(SqliteLedger.Open(LedgerPath));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_that_is_no_ledger_is_named()
    {
        File.WriteAllText(LedgerPath, new string('x', 5000));

        Assert.Contains(LedgerPath, Assert.Throws<InvalidDataException>(() => SqliteLedger.Open(LedgerPath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_read_without_being_written_to_while_another_works_on_it()
    {
        await using SqliteLedger writer = SqliteLedger.Open(LedgerPath);
        await writer.AddRunAsync(new RunRow("run", "name: x", "/data", 1, "hash", "0.1.0"));

        await using SqliteLedger reader = SqliteLedger.OpenToRead(LedgerPath);
        Assert.Empty(await reader.RoundsAsync());
        await writer.AddRoundAsync(new RoundRow(0, 0, "sft", "a", "b", new Dictionary<string, double>()));

        Assert.Equal("b", Assert.Single(await reader.RoundsAsync()).PolicyAfter);
        IOException error = await Assert.ThrowsAsync<IOException>(() => reader.AddRunAsync(new RunRow("other", "", "", 1, "", "")));
        Assert.Contains(LedgerPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_first_version_becomes_what_a_new_one_is()
    {
        MakeFirst();
        RunRow old = new("old", "name: x", "/data", 7, "hash", "0.1.0");

        await using (SqliteLedger ledger = SqliteLedger.Open(LedgerPath))
        {
            Assert.Equal(old, await ledger.RunAsync());
            Assert.Equal("b", Assert.Single(await ledger.RoundsAsync()).PolicyAfter);
        }

        string present = Path.Combine(folder, "new.db");
        await SqliteLedger.Open(present).DisposeAsync();
        Assert.Equal(Columns(present), Columns(LedgerPath));
    }

    [Fact]
    public async Task A_file_of_the_first_version_is_read_without_being_changed()
    {
        MakeFirst();
        byte[] before = await File.ReadAllBytesAsync(LedgerPath);

        await using (SqliteLedger ledger = SqliteLedger.OpenToRead(LedgerPath))
        {
            Assert.Equal(new RunRow("old", "name: x", "/data", 7, "hash", "0.1.0"), await ledger.RunAsync());
            Assert.Equal("b", Assert.Single(await ledger.RoundsAsync()).PolicyAfter);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(LedgerPath));
    }

    [Fact]
    public async Task A_newer_file_is_refused_and_left_as_it_is()
    {
        await SqliteLedger.Open(LedgerPath).DisposeAsync();
        Execute($"PRAGMA user_version = {SqliteLedger.SchemaVersion + 1}");

        foreach (Func<string, SqliteLedger> open in new[] { SqliteLedger.Open, SqliteLedger.OpenToRead })
        {
            string message = Assert.Throws<InvalidDataException>(() => open(LedgerPath)).Message;
            Assert.Equal(
                $"{LedgerPath}: the ledger has schema version {SqliteLedger.SchemaVersion + 1}, this program knows up to {SqliteLedger.SchemaVersion}; "
                + "use the program that brought it there, or a newer one",
                message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Another_programs_database_is_refused_and_left_as_it_is(int version)
    {
        Execute($"CREATE TABLE other (x INT); PRAGMA user_version = {version}");
        byte[] before = File.ReadAllBytes(LedgerPath);

        string message = Assert.Throws<InvalidDataException>(() => SqliteLedger.Open(LedgerPath)).Message;

        Assert.Contains($"{LedgerPath}: a SQLite file, but not a ledger", message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(LedgerPath));
    }

    [Fact]
    public async Task What_a_call_has_returned_for_is_in_the_files_of_a_process_that_is_killed()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(LedgerPath);

        RoundRow[] rounds = [.. Enumerable.Range(0, 96).Select(i => new RoundRow(0, i, "sft", "a", "b", new Dictionary<string, double>()))];
        await Task.WhenAll(rounds.Select(round => Task.Run(() => ledger.AddRoundAsync(round))));

        // The ledger is still open: as after SIGKILL, nothing that closing would do has happened.
        string copy = Path.Combine(folder, "killed.db");
        File.Copy(LedgerPath, copy);
        File.Copy(LedgerPath + "-wal", copy + "-wal");
        await using SqliteLedger left = SqliteLedger.Open(copy);
        Assert.Equal(Enumerable.Range(0, 96), (await left.RoundsAsync()).Select(r => r.Round));
    }

    [Fact]
    public async Task A_row_that_is_refused_fails_its_own_call_only()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(LedgerPath);

        Task[] good = [.. Enumerable.Range(0, 50).Select(i => ledger.AddStepsAsync([Step(i, 0.1)]))];
        Task bad = ledger.AddStepsAsync([Step(100, 0.1), Step(101, double.NaN)]);
        good = [.. good, .. Enumerable.Range(50, 50).Select(i => ledger.AddStepsAsync([Step(i, 0.1)]))];

        Assert.Contains("learning_rate", (await Assert.ThrowsAsync<IOException>(() => bad)).Message, StringComparison.Ordinal);
        await Task.WhenAll(good);
        Assert.Equal(Enumerable.Range(0, 100), (await ledger.StepsAsync(0, 1)).Select(s => s.Step));

        static StepRow Step(int step, double rate) => new(0, 1, step, rate, new Models.Engines.StepReport(1, 1, 1, new Dictionary<string, double>()));
    }

    [Fact]
    public async Task What_was_handed_in_is_committed_before_the_ledger_closes()
    {
        SqliteLedger ledger = SqliteLedger.Open(LedgerPath);

        Task[] calls = [.. Enumerable.Range(0, 100).Select(i => ledger.AddRoundAsync(new RoundRow(0, i, "sft", "a", "b", new Dictionary<string, double>())))];
        await ledger.DisposeAsync();
        await ledger.DisposeAsync();

        await Task.WhenAll(calls);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.AddRoundAsync(new RoundRow(1, 0, "sft", "a", "b", new Dictionary<string, double>())));
        await using SqliteLedger again = SqliteLedger.Open(LedgerPath);
        Assert.Equal(100, (await again.RoundsAsync()).Count);
    }

    [Fact]
    public void Opening_to_read_makes_nothing()
    {
        Assert.Contains("there is no ledger", Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));

        File.WriteAllBytes(LedgerPath, []);
        var error = Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath));
        Assert.Contains("the ledger is empty", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(LedgerPath).Length);
    }

    [Fact]
    public void Some_other_file_is_refused_for_reading_too()
    {
        File.WriteAllText(LedgerPath, new string('x', 4096));

        var error = Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath));
        Assert.Contains("not a readable ledger", error.Message, StringComparison.Ordinal);
    }

    private void MakeFirst()
    {
        Execute($"{FirstSchema.Sqlite} PRAGMA user_version = 1;");
        Execute("INSERT INTO run VALUES ('old', 'name: x', '/data', '7', 'hash', '0.1.0'); INSERT INTO round VALUES (0, 0, 'sft', 'a', 'b', '{}');");
    }

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={LedgerPath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The tables of a file: name, type and default of each column, and its place in the key.</summary>
    private static List<string> Columns(string path)
    {
        using SqliteConnection connection = new($"Data Source={path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT format('%s.%s %s %s %s', t.name, c.name, c.type, c.dflt_value, c.pk) FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
            WHERE t.type = 'table' ORDER BY t.name, c.cid
            """;
        using SqliteDataReader row = command.ExecuteReader();
        List<string> columns = [];
        while (row.Read()) columns.Add(row.GetString(0));
        return columns;
    }
}
