using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers.Tests;

public sealed class SqliteLedgersTests : IDisposable
{
    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("align-ledgers-").FullName, "ledgers");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    [Fact]
    public async Task Looking_makes_nothing_and_the_first_row_makes_the_file()
    {
        await using SqliteLedgers ledgers = new(folder);

        Assert.Empty(await ledgers.RunIdsAsync());
        Assert.Null(await ledgers.Open("run").RunAsync());
        Assert.Empty(await ledgers.Open("run").RoundsAsync());
        Assert.Equal(0, await ledgers.Open("run").VerdictCountAsync());
        Assert.False(Directory.Exists(folder));

        await ledgers.Open("run").AddRunAsync(Run("run"));

        Assert.Equal([Path.Combine(folder, "run.db")], Directory.GetFiles(folder, "*.db"));
        Assert.Equal(["run"], await ledgers.RunIdsAsync());
    }

    [Fact]
    public async Task Runs_do_not_see_one_another_and_are_there_for_the_next_process()
    {
        await using (SqliteLedgers ledgers = new(folder))
        {
            await Task.WhenAll(new[] { "b", "a" }.Select(run => Task.Run(() => ledgers.Open(run).AddRunAsync(Run(run)))));
            await ledgers.Open("a").AddRoundAsync(Round(0));
        }

        Assert.Empty(Directory.GetFiles(folder, "*-wal"));
        await using SqliteLedgers again = new(folder);
        Assert.Equal(["a", "b"], await again.RunIdsAsync());
        Assert.Equal(Run("b"), await again.Open("b").RunAsync());
        Assert.Single(await again.Open("a").RoundsAsync());
        Assert.Empty(await again.Open("b").RoundsAsync());
    }

    [Fact]
    public async Task A_run_that_was_killed_before_it_was_recorded_is_not_listed()
    {
        await using SqliteLedgers ledgers = new(folder);
        await SqliteLedger.Open(Path.Combine(folder, "begun.db")).DisposeAsync();

        Assert.Empty(await ledgers.RunIdsAsync());
    }

    [Fact]
    public async Task A_broken_file_is_listed_and_hides_no_other_and_reading_it_names_it()
    {
        await using SqliteLedgers ledgers = new(folder);
        await ledgers.Open("whole").AddRunAsync(Run("whole"));
        string path = Path.Combine(folder, "broken.db");
        await File.WriteAllTextAsync(path, new string('x', 5000));

        Assert.Equal(["broken", "whole"], await ledgers.RunIdsAsync());
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => ledgers.Open("broken").RoundsAsync());
        Assert.StartsWith($"{path}: not a readable ledger", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);

        // The file is opened again, since it may have been restored from a copy.
        File.Delete(path);
        Assert.Empty(await ledgers.Open("broken").RoundsAsync());
        await ledgers.Open("broken").AddRunAsync(Run("broken"));
        Assert.Equal(Run("broken"), await ledgers.Open("broken").RunAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../other")]
    [InlineData("a/b")]
    public void A_name_that_leads_out_of_the_folder_is_refused(string run) =>
        Assert.Contains("cannot name a run", Assert.Throws<ArgumentException>(() => new SqliteLedgers(folder).Open(run)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Of_many_runs_few_files_stay_open_and_every_row_is_kept()
    {
        SqliteFolder files = new(folder, mostIdle: 3);
        string[] runs = [.. Enumerable.Range(0, 20).Select(i => $"run{i:00}")];

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => TableLedger.Of(files, runs[i % 20]).AddRoundAsync(Round(i / 20)))));

        Assert.InRange(files.Open, 1, 3);
        foreach (string run in runs)
        {
            Assert.Equal(Enumerable.Range(0, 10), (await TableLedger.Of(files, run).RoundsAsync()).Select(r => r.Round));
            Assert.InRange(files.Open, 1, 3);
        }

        await files.DisposeAsync();
        Assert.Equal(0, files.Open);
        Assert.Empty(Directory.GetFiles(folder, "*-wal"));
    }

    [Fact]
    public async Task Closed_ledgers_have_committed_what_was_handed_in_and_take_no_more()
    {
        SqliteLedgers ledgers = new(folder);

        Task[] calls = [.. Enumerable.Range(0, 100).Select(i => ledgers.Open($"run{i % 4}").AddRoundAsync(Round(i)))];
        await ledgers.DisposeAsync();

        await Task.WhenAll(calls);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledgers.Open("run0").RoundsAsync());
        await using SqliteLedgers again = new(folder);
        Assert.Equal(25, (await again.Open("run0").RoundsAsync()).Count);
    }

    private static RunRow Run(string id) => new(id, "name: x", "/data", 1, "hash", "0.1.0");

    private static RoundRow Round(int round) => new(0, round, "sft", "a", "b", new Dictionary<string, double>());
}
