using System.Collections.Concurrent;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Tests;

namespace OrleansAlign.Ledgers.Tests;

/// <summary>Calls wait for a server that stops, crashes or runs out of connections. These tests have a server of their own, which syncs to disk.</summary>
public sealed class PostgresOutageTests(PostgresOutageTests.DurableServer fixture) : IClassFixture<PostgresOutageTests.DurableServer>
{
    private readonly PostgresServer server = fixture.Server;

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_stops_during_writes_and_starts_again_loses_nothing_and_doubles_nothing(bool immediately)
    {
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(server.CreateDatabase(), TimeProvider.System);
        IRunLedger ledger = ledgers.Open("run");
        var written = new ConcurrentDictionary<VerdictKey, byte>();
        using var progress = new SemaphoreSlim(0);
        using var enough = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, 16).Select(writer => Task.Run(() => WriteAsync(writer)))];

        for (int outage = 0; outage < 3; outage++)
        {
            for (int calls = 0; calls < 80; calls++) await await Task.WhenAny([progress.WaitAsync(), .. writers]);
            server.Stop(immediately);
            while (await progress.WaitAsync(0)) Assert.NotEmpty(written);
            server.Start();
        }

        await enough.CancelAsync();
        await Task.WhenAll(writers);

        Assert.Equal(written.Count, await ledger.VerdictCountAsync());
        Assert.Equal(written.Count, (await ledger.VerdictsAsync([.. written.Keys])).Count);

        async Task WriteAsync(int writer)
        {
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                VerdictRow[] rows = [.. Enumerable.Range(0, 5).Select(n => Verdict($"{writer}.{i}.{n}"))];
                await ledger.AddVerdictsAsync(rows);
                foreach (VerdictRow row in rows) Assert.True(written.TryAdd(row.Key, 0));
                Assert.Equal(rows.Length, (await ledger.VerdictsAsync([.. rows.Select(r => r.Key)])).Count);
                progress.Release();
            }
        }
    }

    [PostgresFact]
    public async Task Calls_made_while_the_server_is_away_end_when_it_is_back()
    {
        string database = server.CreateDatabase();
        using var clock = new WatchedClock();
        var options = new PostgresLedgerOptions { PatienceToOpen = TimeSpan.FromMinutes(5) };
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(database, clock, options);
        IRunLedger ledger = ledgers.Open("run");
        await ledger.AddVerdictsAsync([Verdict("before")]);
        server.Stop();

        Task write = ledger.AddVerdictsAsync([Verdict("during")]);
        await clock.Waits.WaitAsync();
        Task<IReadOnlyList<string>> read = ledgers.RunIdsAsync();
        Task<PostgresLedgers> open = PostgresLedgers.OpenAsync(database, clock, new PostgresLedgerOptions { PatienceToOpen = TimeSpan.FromMinutes(5) });
        for (int waits = 0; waits < 9; waits++) await clock.Waits.WaitAsync();
        Assert.False(write.IsCompleted || read.IsCompleted || open.IsCompleted);
        server.Start();

        await write;
        Assert.Empty(await read);
        await (await open).DisposeAsync();
        Assert.Equal(2, await ledger.VerdictCountAsync());
    }

    [PostgresFact]
    public async Task Patience_ends_with_one_line()
    {
        string database = server.CreateDatabase();
        using var clock = new WatchedClock { Hurries = true };
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(database, clock);
        server.Stop();

        IOException read = await Assert.ThrowsAsync<IOException>(() => ledgers.RunIdsAsync());
        Assert.InRange(clock.Elapsed, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(2));
        Assert.InRange(clock.Waits.CurrentCount, 150, 400);
        IOException write = await Assert.ThrowsAsync<IOException>(() => ledgers.Open("run").AddVerdictsAsync([Verdict("c")]));
        Assert.InRange(clock.Elapsed, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(4));
        server.Start();

        string expected = $"^PostgreSQL at 127.0.0.1:{server.Port}, database .*: given up after 300 s: nothing listens there; .*$";
        Assert.All([read, write], error => Assert.Matches(expected, error.Message));
        Assert.Empty(await ledgers.RunIdsAsync());
        await ledgers.Open("run").AddVerdictsAsync([Verdict("c")]);
    }

    [PostgresFact]
    public async Task A_cancelled_call_does_not_wait_for_the_server()
    {
        string database = server.CreateDatabase();
        using var clock = new WatchedClock();
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(database, clock);
        server.Stop();
        using var cancel = new CancellationTokenSource();

        Task write = ledgers.Open("run").AddVerdictsAsync([Verdict("cancelled")], cancel.Token), read = ledgers.RunIdsAsync(cancel.Token);
        for (int waits = 0; waits < 4; waits++) await clock.Waits.WaitAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        server.Start();
        await ledgers.Open("run").AddVerdictsAsync([Verdict("later")]);
        Assert.Equal(1, await ledgers.Open("run").VerdictCountAsync());
    }

    [PostgresFact]
    public async Task Ledgers_close_without_waiting_for_the_server_and_say_what_was_not_committed()
    {
        string database = server.CreateDatabase();
        using var clock = new WatchedClock();
        PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(database, clock);
        server.Stop();
        Task write = ledgers.Open("run").AddVerdictsAsync([Verdict("c")]);
        await clock.Waits.WaitAsync();

        await ledgers.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(() => write);
        server.Start();
    }

    [PostgresFact]
    public async Task Sessions_that_an_administrator_ends_are_not_noticed()
    {
        string database = server.CreateDatabase();
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(database, TimeProvider.System);
        IRunLedger ledger = ledgers.Open("run");

        for (int round = 0; round < 5; round++)
        {
            Task CallAsync(int i) => i % 2 == 0 ? ledger.AddVerdictsAsync([Verdict($"{round}.{i}")]) : ledger.VerdictCountAsync();
            Task[] calls = [.. Enumerable.Range(0, 200).Select(CallAsync)];
            server.Execute("postgres", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'align'");
            await Task.WhenAll(calls);
        }

        Assert.Equal(500, await ledger.VerdictCountAsync());
    }

    [PostgresFact]
    public async Task More_callers_than_the_server_has_connections_for_wait_their_turn()
    {
        string database = server.CreateDatabase(), name = server.Execute("postgres", "SELECT max(datname) FROM pg_database WHERE datname LIKE 'test%'");
        server.Execute("postgres", $"DROP ROLE IF EXISTS few; CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 2");
        server.Execute("postgres", $"GRANT CREATE ON DATABASE {name} TO few");
        string login = database.Replace(PostgresServer.User, "few", StringComparison.Ordinal).Replace(PostgresServer.Password, "few", StringComparison.Ordinal);
        await using PostgresLedgers one = await PostgresLedgers.OpenAsync(login, TimeProvider.System);
        await using PostgresLedgers other = await PostgresLedgers.OpenAsync(login, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? one : other).Open("run").AddVerdictsAsync([Verdict($"{i}")])));
        long[] counts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => one.Open("run").VerdictCountAsync()));

        Assert.All(counts, count => Assert.Equal(100, count));
    }

    private static VerdictRow Verdict(string context) => new(new VerdictKey("j", context, "a", "b"), new Verdict(Outcome.A, 1, 0, 1, []));

    /// <summary>A server whose commits are on the disk.</summary>
    public sealed class DurableServer : IDisposable
    {
        public PostgresServer Server { get; } = PostgresServer.Durable();

        public void Dispose() => Server.Dispose();
    }

    /// <summary>A clock that reports every wait that begins; in a hurry, each wait ends at once and moves the time by its length.</summary>
    private sealed class WatchedClock : TimeProvider, IDisposable
    {
        private long passed;

        public bool Hurries { get; init; }

        public SemaphoreSlim Waits { get; } = new(0);

        public TimeSpan Elapsed => new(Interlocked.Read(ref passed));

        public override long TimestampFrequency => Hurries ? TimeSpan.TicksPerSecond : base.TimestampFrequency;

        public override long GetTimestamp() => Hurries ? Interlocked.Read(ref passed) : base.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Release();
            if (Hurries) Interlocked.Add(ref passed, dueTime.Ticks);
            return base.CreateTimer(callback, state, Hurries ? TimeSpan.Zero : dueTime, period);
        }

        public void Dispose() => Waits.Dispose();
    }
}
