using Npgsql;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Ledgers;

/// <summary>A run's ledger among those of one PostgreSQL database; made by <see cref="PostgresLedgers.Open"/>, safe for any number of callers at once.</summary>
/// <remarks>
/// A failure that passes (a server that restarts, a connection that breaks) is waited out; any other is an <see cref="IOException"/> of one line.
/// A cancelled call ends at once, and rows that it was adding may be committed or not.
/// </remarks>
public sealed class PostgresLedger : IRunLedger
{
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
    public Task<IReadOnlyList<CompletionRow>> AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default) => ledgers.Completions.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        CompletionsAsync(stage, round, "prompt >= $4 AND prompt < $5", [from, to], cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        CompletionsAsync(stage, round, "prompt = ANY($4)", [prompts.ToArray()], cancel);

    private Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, string which, object[] parameters, CancellationToken cancel) => QueryAsync(
        $"""
        SELECT prompt, candidate, prompt_id, policy, seed, finish, tokens, log_probs, text FROM align.completion
        WHERE run = $1 AND stage = $2 AND round = $3 AND {which} ORDER BY prompt, candidate
        """,
        [stage, round, .. parameters],
        row => new CompletionRow(
            new PromptKey(stage, round, row.GetInt32(0)), Text(row, 2), row.GetInt32(1), Text(row, 3), ulong.Parse(Text(row, 4)), Enum.Parse<FinishReason>(Text(row, 5)),
            LedgerJson.Unblob<int>(Bytes(row, 6)), LedgerJson.Unblob<float>(Bytes(row, 7)), Text(row, 8)),
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VerdictRow>> AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default) => rows.FirstOrDefault(r => !r.Key.IsCanonical) is { } row
        ? throw new ArgumentException($"verdict key {row.Key} is not canonical", nameof(rows))
        : ledgers.Verdicts.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default) =>
        ledgers.KnownVerdicts.FindAsync(RunId, keys, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RatingRow>> AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default) => ledgers.Ratings.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default) =>
        ledgers.KnownRatings.FindAsync(RunId, keys, cancel);

    /// <inheritdoc/>
    public async Task<long> VerdictCountAsync(CancellationToken cancel = default) =>
        (await QueryAsync("SELECT count(*) FROM align.verdict WHERE run = $1", [], row => row.GetInt64(0), cancel).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default) => ledgers.PairSets.AddAsync(RunId, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        PairSetsAsync(stage, round, "prompt >= $4 AND prompt < $5", [from, to], cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        PairSetsAsync(stage, round, "prompt = ANY($4)", [prompts.ToArray()], cancel);

    private Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, string which, object[] parameters, CancellationToken cancel) => QueryAsync(
        $"""
        SELECT prompt, prompt_id, messages, prompt_tokens, reference, matches, scores, pairs FROM align.pair_set
        WHERE run = $1 AND stage = $2 AND round = $3 AND {which} ORDER BY prompt
        """,
        [stage, round, .. parameters],
        row => new PairSetRow(
            new PromptKey(stage, round, row.GetInt32(0)), Text(row, 1), Text(row, 2), LedgerJson.Unblob<int>(Bytes(row, 3)), Text(row, 4),
            LedgerJson.Read<List<MatchRow>>(Text(row, 5)), LedgerJson.Read<List<double?>>(Text(row, 6)), LedgerJson.Read<List<PairRow>>(Text(row, 7))),
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default) => ledgers.Steps.AddAsync(RunId, rows, cancel);

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

    private static string Text(NpgsqlDataReader row, int column) => PostgresText.Read(row.GetString(column));

    private static byte[] Bytes(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}
