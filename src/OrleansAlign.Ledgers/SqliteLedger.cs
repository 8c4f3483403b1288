using Dapper;
using Microsoft.Data.Sqlite;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Ledgers;

/// <summary>A run's ledger in one SQLite file: write-ahead log, one transaction a call, so that a killed process loses at most the call under way.</summary>
public sealed class SqliteLedger : IRunLedger
{
    /// <summary>Version of the schema; a file of another version is refused.</summary>
    public const int SchemaVersion = 1;

    private readonly string path;
    private readonly SqliteConnection connection;
    private readonly SemaphoreSlim gate = new(1);

    private SqliteLedger(string path, SqliteConnection connection) => (this.path, this.connection) = (path, connection);

    /// <summary>Opens the ledger at <paramref name="path"/>, creating it if it is not there.</summary>
    /// <exception cref="InvalidDataException">The file is no ledger, or one of another schema version.</exception>
    public static SqliteLedger Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return Open(path, path, SqliteOpenMode.ReadWriteCreate, connection =>
        {
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000;");
            long version = connection.ExecuteScalar<long>("PRAGMA user_version");

            // All tables or none: a process killed in between leaves a file that is still empty.
            if (version == 0) connection.Execute($"BEGIN IMMEDIATE; {Schema} PRAGMA user_version = {SchemaVersion}; COMMIT;");
            else Check(path, version);
        });
    }

    /// <summary>Opens an existing ledger to read it: nothing is written, so that another process may be working on it and its folder may be read-only.</summary>
    /// <exception cref="InvalidDataException">There is none, the file is no ledger, or one of another schema version.</exception>
    public static SqliteLedger OpenToRead(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no ledger; give the folder of a run");

        try
        {
            return OpenToRead(path, path);
        }
        catch (IOException error) when (error.InnerException is SqliteException { SqliteErrorCode: ReadOnly or CannotOpen } && !HasLog(path))
        {
            // SQLite wants files of its own beside a ledger, which cannot be made in a read-only folder. Where there is no log to read, nothing is missed without them.
            return OpenToRead(path, $"{new Uri(Path.GetFullPath(path)).AbsoluteUri}?immutable=1");
        }
    }

    private static SqliteLedger OpenToRead(string path, string source) => Open(path, source, SqliteOpenMode.ReadOnly, connection =>
    {
        connection.Execute("PRAGMA busy_timeout = 10000;");
        Check(path, connection.ExecuteScalar<long>("PRAGMA user_version"));
    });

    private static bool HasLog(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };

    private static SqliteLedger Open(string path, string source, SqliteOpenMode mode, Action<SqliteConnection> prepare)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            prepare(connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            if (error.SqliteErrorCode is NotADatabase or Corrupt)
            {
                throw new InvalidDataException($"{path}: not a readable ledger ({error.Message}); restore it from a copy or start a new run", error);
            }

            throw Failed(path, error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        return new SqliteLedger(path, connection);
    }

    private static void Check(string path, long version)
    {
        if (version == 0) throw new InvalidDataException($"{path}: the ledger is empty; its run is only beginning, or was killed before it began: then delete its folder and start it again");
        if (version != SchemaVersion)
        {
            throw new InvalidDataException($"{path}: the ledger has schema version {version}, this program reads {SchemaVersion}; use the program that wrote it");
        }
    }

    private static IOException Failed(string path, SqliteException error) => new(
        $"{path}: the ledger could not be used ({error.Message.TrimEnd('.')}); " + error.SqliteErrorCode switch
        {
            DiskFull => "make room on the disk and resume the run",
            Busy or Locked => "another program holds it: close that and try again",
            ReadOnly or CannotOpen => "give the right to write in its folder",
            _ => "look after the disk and resume the run",
        } + "; what was committed is kept", error);

    /// <summary>SQLite's result codes (sqlite.org/rescode.html).</summary>
    private const int Busy = 5, Locked = 6, ReadOnly = 8, Corrupt = 11, DiskFull = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>Which prompts: those of a range, or those of a list.</summary>
    private const string Between = "prompt >= @from AND prompt < @to", Listed = "prompt IN (SELECT value FROM json_each(@places))";

    private const string Schema = """
        CREATE TABLE run (run_id TEXT PRIMARY KEY, recipe TEXT NOT NULL, folder TEXT NOT NULL, seed TEXT NOT NULL, data_hash TEXT NOT NULL, version TEXT NOT NULL);
        CREATE TABLE completion (stage INT, round INT, prompt INT, candidate INT, prompt_id TEXT NOT NULL, policy TEXT NOT NULL, seed TEXT NOT NULL,
            finish TEXT NOT NULL, tokens BLOB NOT NULL, log_probs BLOB NOT NULL, text TEXT NOT NULL, PRIMARY KEY (stage, round, prompt, candidate)) WITHOUT ROWID;
        CREATE TABLE verdict (judge TEXT, context TEXT, a TEXT, b TEXT, outcome TEXT NOT NULL, margin REAL, verdict TEXT NOT NULL,
            PRIMARY KEY (judge, context, a, b)) WITHOUT ROWID;
        CREATE TABLE rating (rater TEXT, context TEXT, response TEXT, score REAL, reason TEXT, PRIMARY KEY (rater, context, response)) WITHOUT ROWID;
        CREATE TABLE pair_set (stage INT, round INT, prompt INT, prompt_id TEXT NOT NULL, messages TEXT NOT NULL, prompt_tokens BLOB NOT NULL, reference TEXT NOT NULL,
            matches TEXT NOT NULL, scores TEXT NOT NULL, pairs TEXT NOT NULL, PRIMARY KEY (stage, round, prompt)) WITHOUT ROWID;
        CREATE TABLE step (stage INT, round INT, step INT, learning_rate REAL NOT NULL, loss REAL, report TEXT NOT NULL, PRIMARY KEY (stage, round, step)) WITHOUT ROWID;
        CREATE TABLE trainer_checkpoint (stage INT, round INT, step INT, file TEXT NOT NULL, PRIMARY KEY (stage, round, step)) WITHOUT ROWID;
        CREATE TABLE round (stage INT, round INT, kind TEXT NOT NULL, policy_before TEXT NOT NULL, policy_after TEXT NOT NULL, metrics TEXT NOT NULL,
            PRIMARY KEY (stage, round)) WITHOUT ROWID;
        CREATE TABLE evaluation (policy TEXT PRIMARY KEY, metrics TEXT NOT NULL, samples TEXT NOT NULL) WITHOUT ROWID;
        """;

    /// <inheritdoc/>
    public Task<RunRow?> RunAsync(CancellationToken cancel = default) => Read(
        c => c.QueryFirstOrDefault<RunRecord>("SELECT run_id AS RunId, recipe AS Recipe, folder AS Folder, seed AS Seed, data_hash AS DataHash, version AS Version FROM run") is { } r
            ? new RunRow(r.RunId, r.Recipe, r.Folder, ulong.Parse(r.Seed), r.DataHash, r.Version)
            : null,
        cancel);

    /// <inheritdoc/>
    public Task AddRunAsync(RunRow run, CancellationToken cancel = default) => Write(
        "INSERT OR IGNORE INTO run VALUES (@RunId, @Recipe, @Folder, @Seed, @DataHash, @Version)",
        [run],
        r => new { r.RunId, r.Recipe, r.Folder, Seed = r.Seed.ToString(), r.DataHash, r.Version },
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default) => Write(
        "INSERT OR IGNORE INTO completion VALUES (@Stage, @Round, @Index, @Candidate, @PromptId, @Policy, @Seed, @Finish, @Tokens, @LogProbs, @Text)",
        rows,
        r => new
        {
            r.Key.Stage, r.Key.Round, r.Key.Index, r.Candidate, r.PromptId, r.Policy, Seed = r.Seed.ToString(), Finish = r.Finish.ToString(),
            Tokens = LedgerJson.Blob<int>(r.Tokens), LogProbs = LedgerJson.Blob<float>(r.LogProbs), r.Text,
        },
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        CompletionsAsync(stage, round, Between, new { stage, round, from, to }, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        CompletionsAsync(stage, round, Listed, new { stage, round, places = List(prompts) }, cancel);

    private Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, string which, object parameters, CancellationToken cancel) => Read<IReadOnlyList<CompletionRow>>(
        c => [.. c.Query<CompletionRecord>(
            $"""
            SELECT prompt AS Prompt, candidate AS Candidate, prompt_id AS PromptId, policy AS Policy, seed AS Seed, finish AS Finish, tokens AS Tokens, log_probs AS LogProbs, text AS Text
            FROM completion WHERE stage = @stage AND round = @round AND {which} ORDER BY prompt, candidate
            """,
            parameters).Select(r => new CompletionRow(
                new PromptKey(stage, round, (int)r.Prompt), r.PromptId, (int)r.Candidate, r.Policy, ulong.Parse(r.Seed), Enum.Parse<FinishReason>(r.Finish),
                LedgerJson.Unblob<int>(r.Tokens), LedgerJson.Unblob<float>(r.LogProbs), r.Text))],
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VerdictRow>> AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default)
    {
        if (rows.FirstOrDefault(r => !r.Key.IsCanonical) is { } row) throw new ArgumentException($"verdict key {row.Key} is not canonical", nameof(rows));
        return Write(
            "INSERT OR IGNORE INTO verdict VALUES (@Judge, @Context, @A, @B, @Outcome, @Margin, @Verdict)",
            rows,
            r => new
            {
                r.Key.Judge, r.Key.Context, r.Key.A, r.Key.B, Outcome = r.Verdict.Outcome.ToString(), Margin = Number(r.Verdict.Margin), Verdict = LedgerJson.Write(r.Verdict),
            },
            cancel);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default) => Read<IReadOnlyDictionary<VerdictKey, Verdict>>(
        c => Find(
            c, "SELECT verdict FROM verdict WHERE judge = $0 AND context = $1 AND a = $2 AND b = $3", keys, key => [key.Judge, key.Context, key.A, key.B],
            row => LedgerJson.Read<Verdict>(row.GetString(0))),
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RatingRow>> AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default) => Write(
        "INSERT OR IGNORE INTO rating VALUES (@Rater, @Context, @Response, @Score, @Reason)",
        rows,
        r => new { r.Key.Rater, r.Key.Context, r.Key.Response, Score = (r.Rating as Rating.Scored)?.Value, (r.Rating as Rating.Unparsable)?.Reason },
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default) => Read<IReadOnlyDictionary<RatingKey, Rating>>(
        c => Find<RatingKey, Rating>(
            c, "SELECT score, reason FROM rating WHERE rater = $0 AND context = $1 AND response = $2", keys, key => [key.Rater, key.Context, key.Response],
            row => row.IsDBNull(0) ? new Rating.Unparsable(row.GetString(1)) : new Rating.Scored(row.GetDouble(0))),
        cancel);

    /// <inheritdoc/>
    public Task<long> VerdictCountAsync(CancellationToken cancel = default) => Read(c => c.ExecuteScalar<long>("SELECT COUNT(*) FROM verdict"), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default) => Write(
        "INSERT OR IGNORE INTO pair_set VALUES (@Stage, @Round, @Index, @PromptId, @Messages, @PromptTokens, @Reference, @Matches, @Scores, @Pairs)",
        rows,
        r => new
        {
            r.Key.Stage, r.Key.Round, r.Key.Index, r.PromptId, r.Messages, PromptTokens = LedgerJson.Blob<int>(r.PromptTokens), r.Reference,
            Matches = LedgerJson.Write(r.Matches), Scores = LedgerJson.Write(r.Scores), Pairs = LedgerJson.Write(r.Pairs),
        },
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        PairSetsAsync(stage, round, Between, new { stage, round, from, to }, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        PairSetsAsync(stage, round, Listed, new { stage, round, places = List(prompts) }, cancel);

    private Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, string which, object parameters, CancellationToken cancel) => Read<IReadOnlyList<PairSetRow>>(
        c => [.. c.Query<PairSetRecord>(
            $"""
            SELECT prompt AS Prompt, prompt_id AS PromptId, messages AS Messages, prompt_tokens AS PromptTokens, reference AS Reference, matches AS Matches, scores AS Scores, pairs AS Pairs
            FROM pair_set WHERE stage = @stage AND round = @round AND {which} ORDER BY prompt
            """,
            parameters).Select(r => new PairSetRow(
                new PromptKey(stage, round, (int)r.Prompt), r.PromptId, r.Messages, LedgerJson.Unblob<int>(r.PromptTokens), r.Reference,
                LedgerJson.Read<List<MatchRow>>(r.Matches), LedgerJson.Read<List<double?>>(r.Scores),
                LedgerJson.Read<List<PairRow>>(r.Pairs)))],
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default) => Write(
        "INSERT OR IGNORE INTO step VALUES (@Stage, @Round, @Step, @LearningRate, @Loss, @Report)",
        rows,
        r => new { r.Stage, r.Round, r.Step, r.LearningRate, Loss = Number(r.Report.Loss), Report = LedgerJson.Write(r.Report) },
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default) => Read<IReadOnlyList<StepRow>>(
        c => [.. c.Query<StepRecord>(
            "SELECT step AS Step, learning_rate AS LearningRate, report AS Report FROM step WHERE stage = @stage AND round = @round ORDER BY step", new { stage, round })
            .Select(r => new StepRow(stage, round, (int)r.Step, r.LearningRate, LedgerJson.Read<StepReport>(r.Report)))],
        cancel);

    /// <inheritdoc/>
    public Task AddTrainerCheckpointAsync(TrainerCheckpointRow row, CancellationToken cancel = default) =>
        Write("INSERT OR IGNORE INTO trainer_checkpoint VALUES (@Stage, @Round, @Step, @File)", [row], r => r, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TrainerCheckpointRow>> TrainerCheckpointsAsync(int stage, int round, CancellationToken cancel = default) => Read<IReadOnlyList<TrainerCheckpointRow>>(
        c => [.. c.Query<CheckpointRecord>(
            "SELECT step AS Step, file AS File FROM trainer_checkpoint WHERE stage = @stage AND round = @round ORDER BY step DESC", new { stage, round })
            .Select(r => new TrainerCheckpointRow(stage, round, (int)r.Step, r.File))],
        cancel);

    /// <inheritdoc/>
    public Task AddRoundAsync(RoundRow row, CancellationToken cancel = default) => Write(
        "INSERT OR IGNORE INTO round VALUES (@Stage, @Round, @Kind, @PolicyBefore, @PolicyAfter, @Metrics)",
        [row],
        r => new { r.Stage, r.Round, r.Kind, r.PolicyBefore, r.PolicyAfter, Metrics = LedgerJson.Write(r.Metrics) },
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoundRow>> RoundsAsync(CancellationToken cancel = default) => Read<IReadOnlyList<RoundRow>>(
        c => [.. c.Query<RoundRecord>(
            "SELECT stage AS Stage, round AS Round, kind AS Kind, policy_before AS PolicyBefore, policy_after AS PolicyAfter, metrics AS Metrics FROM round ORDER BY stage, round")
            .Select(r => new RoundRow((int)r.Stage, (int)r.Round, r.Kind, r.PolicyBefore, r.PolicyAfter, LedgerJson.Metrics(r.Metrics)))],
        cancel);

    /// <inheritdoc/>
    public Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default) => Write(
        "INSERT OR IGNORE INTO evaluation VALUES (@Policy, @Metrics, @Samples)",
        [row],
        r => new { r.Policy, Metrics = LedgerJson.Write(r.Metrics), Samples = LedgerJson.Write(r.Samples) },
        cancel);

    /// <inheritdoc/>
    public Task<EvaluationRow?> EvaluationAsync(string policy, CancellationToken cancel = default) => Read(
        c => c.QueryFirstOrDefault<EvaluationRecord>("SELECT metrics AS Metrics, samples AS Samples FROM evaluation WHERE policy = @policy", new { policy }) is { } r
            ? new EvaluationRow(policy, LedgerJson.Metrics(r.Metrics), LedgerJson.Read<List<EvaluationSample>>(r.Samples))
            : null,
        cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await gate.WaitAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
        gate.Dispose();
    }

    private async Task<T> Read<T>(Func<SqliteConnection, T> query, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return query(connection);
        }
        catch (SqliteException error)
        {
            throw Failed(path, error);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Adds rows in one transaction, and says which of them are new.</summary>
    private async Task<IReadOnlyList<TRow>> Write<TRow>(string sql, IReadOnlyList<TRow> rows, Func<TRow, object> columns, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            using (SqliteTransaction transaction = connection.BeginTransaction())
            {
                // One statement for all rows is several times as fast, and tells their number. Nearly always all are new.
                if (connection.Execute(sql, rows.Select(columns), transaction) == rows.Count)
                {
                    transaction.Commit();
                    return rows;
                }
            }

            using SqliteTransaction oneByOne = connection.BeginTransaction();
            List<TRow> added = [.. rows.Where(row => connection.Execute(sql, columns(row), oneByOne) == 1)];
            oneByOne.Commit();
            return added;
        }
        catch (SqliteException error)
        {
            throw Failed(path, error);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>One look-up per key by a prepared command whose parameters are $0, $1, …</summary>
    private static Dictionary<TKey, TValue> Find<TKey, TValue>(
        SqliteConnection connection, string sql, IReadOnlyCollection<TKey> keys, Func<TKey, string[]> parts, Func<SqliteDataReader, TValue> read)
        where TKey : notnull
    {
        Dictionary<TKey, TValue> found = [];
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (TKey key in keys)
        {
            string[] values = parts(key);
            for (int i = 0; i < values.Length; i++)
            {
                if (command.Parameters.Count == i) command.Parameters.Add($"${i}", SqliteType.Text);
                command.Parameters[i].Value = values[i];
            }

            using SqliteDataReader row = command.ExecuteReader();
            if (row.Read()) found[key] = read(row);
        }

        return found;
    }

    /// <summary>A list as the one parameter that a statement with <see cref="Listed"/> has for it.</summary>
    private static string List(IEnumerable<int> prompts) => $"[{string.Join(',', prompts)}]";

    /// <summary>SQLite has no NaN: such a column is empty, and the row's JSON says what it was.</summary>
    private static double? Number(double value) => double.IsNaN(value) ? null : value;

    private sealed record RunRecord(string RunId, string Recipe, string Folder, string Seed, string DataHash, string Version);

    private sealed record CompletionRecord(
        long Prompt, long Candidate, string PromptId, string Policy, string Seed, string Finish, byte[] Tokens, byte[] LogProbs, string Text);

    private sealed record PairSetRecord(long Prompt, string PromptId, string Messages, byte[] PromptTokens, string Reference, string Matches, string Scores, string Pairs);

    private sealed record StepRecord(long Step, double LearningRate, string Report);

    private sealed record CheckpointRecord(long Step, string File);

    private sealed record RoundRecord(long Stage, long Round, string Kind, string PolicyBefore, string PolicyAfter, string Metrics);

    private sealed record EvaluationRecord(string Metrics, string Samples);
}
