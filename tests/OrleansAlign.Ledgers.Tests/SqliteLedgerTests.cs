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
    public void Opening_to_read_makes_nothing()
    {
        Assert.Contains("there is no ledger", Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));

        File.WriteAllBytes(LedgerPath, []);
        Assert.Contains("the ledger is empty", Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath)).Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(LedgerPath).Length);
    }

    [Fact]
    public void Some_other_file_is_refused_for_reading_too()
    {
        File.WriteAllText(LedgerPath, new string('x', 4096));

        Assert.Contains("not a readable ledger", Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath)).Message, StringComparison.Ordinal);
    }
}
