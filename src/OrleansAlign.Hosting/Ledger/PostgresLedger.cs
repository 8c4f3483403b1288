using Npgsql;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Hosting.Ledger;

/// <summary>A run's ledger among those of one PostgreSQL database; made by <see cref="PostgresLedgers.Open"/>, safe for any number of callers at once.</summary>
/// <remarks>
/// A failure that passes (a server that restarts, a connection that breaks) is waited out; any other is an <see cref="IOException"/> of one line.
/// A cancelled call ends at once, and rows that it was adding may be committed or not.
/// </remarks>
public sealed class PostgresLedger : IRunLedger
{
    /// <summary>Most keys that one look-up asks for.</summary>
    private const int LookUpKeys = 8192;

    private readonly PostgresLedgers ledgers;
    private readonly string run;

    internal PostgresLedger(PostgresLedgers ledgers, string runId) => (this.ledgers, RunId, run) = (ledgers, runId, PostgresText.Write(runId));

    /// <summary>The run.</summary>
    public string RunId { get; }

    /// <inheritdoc/>
    public async Task<RunRow?> RunAsync(CancellationToken cancel = default) => (await QueryAsync(
        "SELECT recipe, folder, seed, data_hash, version FROM align.run WHERE run = $1", [],
        row => new RunRow(RunId, Text(row, 0), Text(row, 1), ulong.Parse(Text(row, 2)), Text(row, 3), Text(row, 4)),
        cancel).ConfigureAwait(false)).SingleOrDefault();

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The row is another run's.</exception>
    public Task AddRunAsync(RunRow run, CancellationToken cancel = default) => run.RunId == RunId
        ? ledgers.Runs.AddAsync(RunId, [run], cancel)
        : throw new ArgumentException($"the row is of run '{run.RunId}', the ledger of run '{RunId}'", nameof(run));

    /// <inheritdoc/>
    public Task AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default) => ledgers.Completions.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) => QueryAsync(
        """
        SELECT prompt, candidate, prompt_id, policy, seed, finish, tokens, log_probs, text FROM align.completion
        WHERE run = $1 AND stage = $2 AND round = $3 AND prompt >= $4 AND prompt < $5 ORDER BY prompt, candidate
        """,
        [stage, round, from, to],
        row => new CompletionRow(
            new PromptKey(stage, round, row.GetInt32(0)), Text(row, 2), row.GetInt32(1), Text(row, 3), ulong.Parse(Text(row, 4)), Enum.Parse<FinishReason>(Text(row, 5)),
            LedgerJson.Unblob<int>(Bytes(row, 6)), LedgerJson.Unblob<float>(Bytes(row, 7)), Text(row, 8)),
        cancel);

    /// <inheritdoc/>
    public Task AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default) => rows.FirstOrDefault(r => !r.Key.IsCanonical) is { } row
        ? throw new ArgumentException($"verdict key {row.Key} is not canonical", nameof(rows))
        : ledgers.Verdicts.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default) => FindAsync(
        """
        SELECT asked.number, verdict FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS asked (judge, context, a, b, number)
        CROSS JOIN LATERAL (SELECT verdict FROM align.verdict AS v
            WHERE v.run = $1 AND v.judge = asked.judge AND v.context = asked.context AND v.a = asked.a AND v.b = asked.b LIMIT 1) AS given
        """,
        keys, [k => k.Judge, k => k.Context, k => k.A, k => k.B], row => LedgerJson.Read<Verdict>(Text(row, 1)), cancel);

    /// <inheritdoc/>
    public Task AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default) => ledgers.Ratings.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default) => FindAsync<RatingKey, Rating>(
        """
        SELECT asked.number, score, reason FROM unnest($2, $3, $4) WITH ORDINALITY AS asked (rater, context, response, number)
        CROSS JOIN LATERAL (SELECT score, reason FROM align.rating AS r
            WHERE r.run = $1 AND r.rater = asked.rater AND r.context = asked.context AND r.response = asked.response LIMIT 1) AS given
        """,
        keys, [k => k.Rater, k => k.Context, k => k.Response],
        row => row.IsDBNull(1) ? new Rating.Unparsable(Text(row, 2)) : new Rating.Scored(row.GetDouble(1)), cancel);

    /// <inheritdoc/>
    public async Task<long> VerdictCountAsync(CancellationToken cancel = default) =>
        (await QueryAsync("SELECT count(*) FROM align.verdict WHERE run = $1", [], row => row.GetInt64(0), cancel).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public Task AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default) => ledgers.PairSets.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) => QueryAsync(
        """
        SELECT prompt, prompt_id, messages, prompt_tokens, reference, matches, scores, pairs FROM align.pair_set
        WHERE run = $1 AND stage = $2 AND round = $3 AND prompt >= $4 AND prompt < $5 ORDER BY prompt
        """,
        [stage, round, from, to],
        row => new PairSetRow(
            new PromptKey(stage, round, row.GetInt32(0)), Text(row, 1), Text(row, 2), LedgerJson.Unblob<int>(Bytes(row, 3)), Text(row, 4),
            LedgerJson.Read<List<MatchRow>>(Text(row, 5)), LedgerJson.Read<List<double?>>(Text(row, 6)), LedgerJson.Read<List<PairRow>>(Text(row, 7))),
        cancel);

    /// <inheritdoc/>
    public Task AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default) => ledgers.Steps.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default) => QueryAsync(
        "SELECT step, learning_rate, report FROM align.step WHERE run = $1 AND stage = $2 AND round = $3 ORDER BY step", [stage, round],
        row => new StepRow(stage, round, row.GetInt32(0), row.GetDouble(1), LedgerJson.Read<StepReport>(Text(row, 2))), cancel);

    /// <inheritdoc/>
    public Task AddTrainerCheckpointAsync(TrainerCheckpointRow row, CancellationToken cancel = default) => ledgers.TrainerCheckpoints.AddAsync(RunId, [row], cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TrainerCheckpointRow>> TrainerCheckpointsAsync(int stage, int round, CancellationToken cancel = default) => QueryAsync(
        "SELECT step, file FROM align.trainer_checkpoint WHERE run = $1 AND stage = $2 AND round = $3 ORDER BY step DESC", [stage, round],
        row => new TrainerCheckpointRow(stage, round, row.GetInt32(0), Text(row, 1)), cancel);

    /// <inheritdoc/>
    public Task AddRoundAsync(RoundRow row, CancellationToken cancel = default) => ledgers.Rounds.AddAsync(RunId, [row], cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoundRow>> RoundsAsync(CancellationToken cancel = default) => QueryAsync(
        "SELECT stage, round, kind, policy_before, policy_after, metrics FROM align.round WHERE run = $1 ORDER BY stage, round", [],
        row => new RoundRow(row.GetInt32(0), row.GetInt32(1), Text(row, 2), Text(row, 3), Text(row, 4), LedgerJson.Metrics(Text(row, 5))), cancel);

    /// <inheritdoc/>
    public Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default) => ledgers.Evaluations.AddAsync(RunId, [row], cancel);

    /// <inheritdoc/>
    public async Task<EvaluationRow?> EvaluationAsync(string policy, CancellationToken cancel = default) => (await QueryAsync(
        "SELECT metrics, samples FROM align.evaluation WHERE run = $1 AND policy = $2", [PostgresText.Write(policy)],
        row => new EvaluationRow(policy, LedgerJson.Metrics(Text(row, 0)), LedgerJson.Read<List<EvaluationSample>>(Text(row, 1))), cancel).ConfigureAwait(false)).SingleOrDefault();

    /// <summary>Does nothing: connections and what is under way belong to the <see cref="PostgresLedgers"/>.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancel) =>
        ledgers.QueryAsync(sql, [run, .. parameters], read, cancel);

    /// <summary>Looks up many keys in one query, a column of them as one array; the row's first column is the number of the key that was found, from 1.</summary>
    /// <remarks>Written as LATERAL with a LIMIT: a plain join becomes a hash join over all rows of the run as soon as many keys are asked for.</remarks>
    private async Task<IReadOnlyDictionary<TKey, TValue>> FindAsync<TKey, TValue>(
        string sql, IReadOnlyCollection<TKey> keys, Func<TKey, string>[] parts, Func<NpgsqlDataReader, TValue> read, CancellationToken cancel)
        where TKey : notnull
    {
        Dictionary<TKey, TValue> found = new(keys.Count);
        foreach (TKey[] some in keys.Chunk(LookUpKeys))
        {
            object[] columns = [.. parts.Select(part => Array.ConvertAll(some, key => PostgresText.Write(part(key))))];
            foreach ((TKey key, TValue value) in await QueryAsync(sql, columns, row => (some[row.GetInt64(0) - 1], read(row)), cancel).ConfigureAwait(false)) found[key] = value;
        }

        return found;
    }

    private static string Text(NpgsqlDataReader row, int column) => PostgresText.Read(row.GetString(column));

    private static byte[] Bytes(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}
