using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Tests;

namespace OrleansAlign.Ledgers.Tests;

[NeedsPostgres]
[Collection(nameof(PostgresGroup))]
public sealed class PostgresLedgerTests(PostgresServer server) : LedgerConformance, IAsyncLifetime
{
    private readonly List<PostgresLedgers> opened = [];
    private string database = "";

    public Task InitializeAsync()
    {
        database = server.CreateDatabase();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (PostgresLedgers ledgers in opened) await ledgers.DisposeAsync();
    }

    protected override async Task<IRunLedger> OpenAsync() => (await LedgersAsync()).Open("run");

    [PostgresFact]
    public async Task Runs_do_not_see_one_another()
    {
        PostgresLedgers ledgers = await LedgersAsync();
        IRunLedger first = ledgers.Open("first"), second = ledgers.Open("second");

        await Task.WhenAll(first.AddRunAsync(Run("first")), second.AddRunAsync(Run("second")));
        await Task.WhenAll(first.AddCompletionsAsync([Completion("of the first")]), second.AddCompletionsAsync([Completion("of the second")]));

        Assert.Equal(["first", "second"], await ledgers.RunIdsAsync());
        Assert.Equal(Run("second"), await second.RunAsync());
        Assert.Equal("of the first", Assert.Single(await first.CompletionsAsync(0, 1, 0, 10)).Text);
        Assert.Equal("of the second", Assert.Single(await second.CompletionsAsync(0, 1, 0, 10)).Text);
    }

    [PostgresFact]
    public async Task A_run_that_several_record_at_once_is_the_same_for_all()
    {
        PostgresLedgers[] silos = [await LedgersAsync(), await LedgersAsync(), await LedgersAsync()];

        RunRow[] got = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => RecordAsync(silos[i % 3].Open("run"), i)));

        Assert.Single(got.Distinct());
        Assert.Equal(["run"], await silos[0].RunIdsAsync());

        static async Task<RunRow> RecordAsync(IRunLedger ledger, int i)
        {
            await ledger.AddRunAsync(Run("run") with { Folder = $"/{i}" });
            return (await ledger.RunAsync())!;
        }
    }

    [PostgresFact]
    public async Task A_row_of_another_run_is_refused()
    {
        PostgresLedgers ledgers = await LedgersAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => ledgers.Open("run").AddRunAsync(Run("other")));
        Assert.Empty(await ledgers.RunIdsAsync());
    }

    [PostgresFact]
    public async Task Writers_of_several_processes_meet_on_the_same_keys_and_leave_one_row_each()
    {
        PostgresLedgers[] silos = [await LedgersAsync(), await LedgersAsync(), await LedgersAsync()];
        VerdictRow[] rows = [.. Enumerable.Range(0, 300).Select(i => Verdict($"c{i}"))];

        await Task.WhenAll(Enumerable.Range(0, 48).Select(writer => Task.Run(async () =>
        {
            IRunLedger ledger = silos[writer % 3].Open("run");
            foreach (VerdictRow[] some in (writer % 2 == 0 ? rows : rows.Reverse()).Chunk(7)) await ledger.AddVerdictsAsync(some);
        })));

        Assert.Equal(rows.Length, await silos[0].Open("run").VerdictCountAsync());
        Assert.Equal(rows.Length, (await silos[0].Open("run").VerdictsAsync([.. rows.Select(r => r.Key)])).Count);
    }

    [PostgresFact]
    public async Task Halves_of_surrogate_pairs_and_any_other_string_come_back()
    {
        IRunLedger ledger = await OpenAsync();
        string[] texts =
        [
            "\ud83d", "\ude42", "\ude42\ud83d", "\ud83d\ude42\ud83d", "a\ud800\0\u0010b",
            .. Enumerable.Range(0, 500).Select(
                seed => string.Concat(Enumerable.Range(0, seed % 40).Select(i => (char)CounterRandom.Integer((ulong)seed, (ulong)i, 0x10000)))),
        ];

        await ledger.AddCompletionsAsync([.. texts.Select((text, i) => Completion(text) with { Key = new PromptKey(0, 1, i) })]);

        Assert.Equal(texts, (await ledger.CompletionsAsync(0, 1, 0, int.MaxValue)).Select(c => c.Text));
    }

    [PostgresFact]
    public async Task A_row_that_the_server_refuses_fails_its_own_call_only()
    {
        IRunLedger ledger = (await LedgersAsync(new PostgresLedgerOptions { Lanes = 1 })).Open("run");
        string endless = string.Concat(Enumerable.Range(0, 4000).Select(i => (i * 7919).ToString("x")));

        Task[] good = [.. Enumerable.Range(0, 50).Select(i => ledger.AddVerdictsAsync([Verdict($"before{i}")]))];
        Task bad = ledger.AddVerdictsAsync([Verdict(endless)]);
        good = [.. good, .. Enumerable.Range(0, 50).Select(i => ledger.AddVerdictsAsync([Verdict($"after{i}")]))];

        IOException error = await Assert.ThrowsAsync<IOException>(() => bad);
        await Task.WhenAll(good);
        Assert.Contains("SQLSTATE 54000", error.Message, StringComparison.Ordinal);
        Assert.Equal(100, await ledger.VerdictCountAsync());
    }

    [PostgresFact]
    public async Task A_row_that_cannot_be_read_fails_its_own_readers_only()
    {
        PostgresLedgers ledgers = await LedgersAsync(new PostgresLedgerOptions { Lanes = 1 });
        IRunLedger broken = ledgers.Open("broken"), whole = ledgers.Open("whole");
        await Task.WhenAll(broken.AddVerdictsAsync([Verdict("c")]), whole.AddVerdictsAsync([Verdict("c")]));
        server.Execute(new Npgsql.NpgsqlConnectionStringBuilder(database).Database!, "UPDATE align.verdict SET verdict = 'no JSON' WHERE run = 'broken'");

        Task<IReadOnlyDictionary<VerdictKey, Verdict>>[] reads =
            [.. Enumerable.Range(0, 40).Select(i => (i == 20 ? broken : whole).VerdictsAsync([Verdict("c").Key]))];

        await Assert.ThrowsAnyAsync<Exception>(() => reads[20]);
        foreach (Task<IReadOnlyDictionary<VerdictKey, Verdict>> read in reads.Where((_, i) => i != 20)) Assert.Single(await read);
    }

    [PostgresFact]
    public async Task What_was_handed_in_is_committed_before_the_ledgers_close()
    {
        PostgresLedgers ledgers = await LedgersAsync();

        Task[] calls = [.. Enumerable.Range(0, 100).Select(i => ledgers.Open("run").AddVerdictsAsync([Verdict($"c{i}")]))];
        await ledgers.DisposeAsync();

        await Task.WhenAll(calls);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledgers.Open("run").AddVerdictsAsync([Verdict("late")]));
        Assert.Equal(100, await (await OpenAsync()).VerdictCountAsync());
    }

    private async Task<PostgresLedgers> LedgersAsync(PostgresLedgerOptions? options = null)
    {
        opened.Add(await PostgresLedgers.OpenAsync(database, TimeProvider.System, options));
        return opened[^1];
    }

    private static RunRow Run(string id) => new(id, "name: x", "/data", 1, "hash", "0.1.0");

    private static CompletionRow Completion(string text) => new(new PromptKey(0, 1, 0), "p", 0, "x", 1, FinishReason.Stop, [1], [0], text);

    private static VerdictRow Verdict(string context) => new(new VerdictKey("j", context, "a", "b"), new Verdict(Outcome.A, 1, 0, 1, []));
}
