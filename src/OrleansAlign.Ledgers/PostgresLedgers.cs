using Npgsql;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>The ledgers of all runs in one PostgreSQL database, in its schema <c>align</c>: opened once a process, used by any number of callers at once.</summary>
/// <remarks>
/// What concurrent callers add to a table is committed together, so that many small calls cost little more than a few large ones. A server that is away
/// for a while (restart, failover, no connection free) is waited for: every call may be made twice without harm. A process uses at most 16 connections
/// unless the connection string says Maximum Pool Size.
/// </remarks>
public sealed class PostgresLedgers : IRunLedgers, IAsyncDisposable
{
    private readonly PostgresDatabase database;
    private readonly Patience patience;
    private bool closed;

    private PostgresLedgers(PostgresDatabase database, Patience patience, PostgresLedgerOptions options)
    {
        (this.database, this.patience) = (database, patience);
        Runs = Writer(PostgresTables.Run);
        Completions = Writer(PostgresTables.Completion);
        Verdicts = Writer(PostgresTables.Verdict);
        Ratings = Writer(PostgresTables.Rating);
        PairSets = Writer(PostgresTables.PairSet);
        Steps = Writer(PostgresTables.Step);
        TrainerCheckpoints = Writer(PostgresTables.TrainerCheckpoint);
        Rounds = Writer(PostgresTables.Round);
        Evaluations = Writer(PostgresTables.Evaluation);

        // LATERAL with a LIMIT: a plain join becomes a hash join over all rows of the run as soon as many keys are asked for.
        KnownVerdicts = new GroupLookUp<VerdictKey, Verdict>(
            database, patience, options,
            """
            SELECT asked.number, verdict FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS asked (run, judge, context, a, b, number)
            CROSS JOIN LATERAL (SELECT verdict FROM align.verdict AS v
                WHERE v.run = asked.run AND v.judge = asked.judge AND v.context = asked.context AND v.a = asked.a AND v.b = asked.b LIMIT 1) AS given
            """,
            [k => k.Judge, k => k.Context, k => k.A, k => k.B], row => LedgerJson.Read<Verdict>(PostgresText.Read(row.GetString(1))));
        KnownRatings = new GroupLookUp<RatingKey, Rating>(
            database, patience, options,
            """
            SELECT asked.number, score, reason FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS asked (run, rater, context, response, number)
            CROSS JOIN LATERAL (SELECT score, reason FROM align.rating AS r
                WHERE r.run = asked.run AND r.rater = asked.rater AND r.context = asked.context AND r.response = asked.response LIMIT 1) AS given
            """,
            [k => k.Rater, k => k.Context, k => k.Response],
            row => row.IsDBNull(1) ? new Rating.Unparsable(PostgresText.Read(row.GetString(2))) : new Rating.Scored(row.GetDouble(1)));

        GroupCommit<TRow> Writer<TRow>(PostgresTable<TRow> table) => new(table, database, patience, options);
    }

    /// <summary>Version of the schema that this program knows; an older one is brought up to it, a newer one is refused.</summary>
    public static int SchemaVersion => PostgresSchema.Version;

    internal GroupCommit<RunRow> Runs { get; }

    internal GroupCommit<CompletionRow> Completions { get; }

    internal GroupCommit<VerdictRow> Verdicts { get; }

    internal GroupCommit<RatingRow> Ratings { get; }

    internal GroupCommit<PairSetRow> PairSets { get; }

    internal GroupCommit<StepRow> Steps { get; }

    internal GroupCommit<TrainerCheckpointRow> TrainerCheckpoints { get; }

    internal GroupCommit<RoundRow> Rounds { get; }

    internal GroupCommit<EvaluationRow> Evaluations { get; }

    internal GroupLookUp<VerdictKey, Verdict> KnownVerdicts { get; }

    internal GroupLookUp<RatingKey, Rating> KnownRatings { get; }

    /// <summary>Opens the database, and makes or updates the schema; any number of processes may do so at once.</summary>
    /// <param name="connectionString">As Npgsql reads it: <c>Host=…;Port=5432;Database=…;Username=…;Password=…</c>.</param>
    /// <param name="clock">The time, for waiting out what passes.</param>
    /// <param name="options">Defaults if null.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="InvalidDataException">The connection string, the server, the user, the database or its schema is not what is needed; one line says
    /// which and what to do.</exception>
    public static async Task<PostgresLedgers> OpenAsync(
        string connectionString, TimeProvider clock, PostgresLedgerOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new PostgresLedgerOptions();
        if (options.Problems().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(options));

        PostgresDatabase database = PostgresDatabase.Of(connectionString);
        try
        {
            await database.TryAsync((c, ct) => PostgresSchema.EnsureAsync(c, database.Name, ct), new Patience(options.PatienceToOpen, clock), cancel).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            if (error is IOException) throw new InvalidDataException(error.Message, error.InnerException);
            throw;
        }

        return new PostgresLedgers(database, new Patience(options.Patience, clock), options);
    }

    /// <summary>The runs that were recorded, in the order of their ids.</summary>
    public Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default) =>
        QueryAsync("SELECT run FROM align.run ORDER BY run", [], row => PostgresText.Read(row.GetString(0)), cancel);

    /// <summary>The ledger of a run, recorded or not. It needs no disposing.</summary>
    public PostgresLedger Open(string runId)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return new PostgresLedger(this, runId);
    }

    IRunLedger IRunLedgers.Open(string run) => Open(run);

    /// <summary>Records a run unless one of that id is recorded.</summary>
    /// <returns>The run as it is recorded: of several that record one id at once, all get the same.</returns>
    public async Task<RunRow> EnsureRunAsync(RunRow run, CancellationToken cancel = default)
    {
        PostgresLedger ledger = Open(run.RunId);
        await ledger.AddRunAsync(run, cancel).ConfigureAwait(false);
        return (await ledger.RunAsync(cancel).ConfigureAwait(false))!;
    }

    /// <summary>Commits what has been handed in, if the server is there, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, true)) return;
        IAsyncDisposable[] lanes = [Runs, Completions, Verdicts, Ratings, PairSets, Steps, TrainerCheckpoints, Rounds, Evaluations, KnownVerdicts, KnownRatings];
        await Task.WhenAll(lanes.Select(lane => lane.DisposeAsync().AsTask())).ConfigureAwait(false);
        await database.DisposeAsync().ConfigureAwait(false);
    }

    internal Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancel) => database.TryAsync<IReadOnlyList<T>>(
        async (connection, token) =>
        {
            // Not prepared: a plan that was made while a table was small would be kept while it grows.
            await using NpgsqlCommand command = new(sql, connection);
            foreach (object value in parameters) command.Parameters.Add(new NpgsqlParameter { Value = value });
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
            List<T> all = [];
            while (await rows.ReadAsync(token).ConfigureAwait(false)) all.Add(read(rows));
            return all;
        },
        patience, cancel);
}
