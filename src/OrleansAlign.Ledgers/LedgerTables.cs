using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>The ledger's tables, each declared once.</summary>
/// <remarks>
/// A new table is a declaration here with the next schema version, and its methods in <see cref="IRunLedger"/> and <see cref="TableLedger"/>: older databases
/// get it when they are opened.
/// </remarks>
internal static class LedgerTables
{
    private static readonly List<Table> Declared = [];

    /// <summary>All tables, in the order in which they are created.</summary>
    public static IReadOnlyList<Table> All => Declared;

    /// <summary>Version of the schema that the declarations describe.</summary>
    public static int Version => Declared.Max(t => t.Complete);

    public static Table<RunRow> Run { get; } = Declare<RunRow>("run", t =>
    {
        var run = t.Run("run_id", r => r.RunId);
        var recipe = t.Text("recipe", r => r.Recipe);
        var folder = t.Text("folder", r => r.Folder);
        var seed = t.Number("seed", r => r.Seed);
        var dataHash = t.Text("data_hash", r => r.DataHash);
        var version = t.Text("version", r => r.Version);
        var files = t.Json("data_files", r => r.DataFiles).Since(2, "'[]'");
        var recipePath = t.Text("recipe_path", r => r.RecipePath).Since(3, "''");
        return row => new(run[row], recipe[row], folder[row], seed[row], dataHash[row], version[row])
        {
            DataFiles = files[row] is { Count: > 0 } some ? some : [],
            RecipePath = recipePath[row],
        };
    });

    public static Table<CompletionRow> Completion { get; } = Declare<CompletionRow>("completion", t =>
    {
        var stage = t.Key("stage", r => r.Key.Stage);
        var round = t.Key("round", r => r.Key.Round);
        var prompt = t.Key("prompt", r => r.Key.Index);
        var candidate = t.Key("candidate", r => r.Candidate);
        var promptId = t.Text("prompt_id", r => r.PromptId);
        var policy = t.Text("policy", r => r.Policy);
        var seed = t.Number("seed", r => r.Seed);
        var finish = t.Choice("finish", r => r.Finish);
        var tokens = t.Array("tokens", r => r.Tokens);
        var logProbs = t.Array("log_probs", r => r.LogProbs);
        var text = t.Text("text", r => r.Text);
        return row => new(
            new(stage[row], round[row], prompt[row]), promptId[row], candidate[row], policy[row], seed[row], finish[row],
            tokens[row], logProbs[row], text[row]);
    });

    public static Table<VerdictRow> Verdict { get; } = Declare<VerdictRow>("verdict", t =>
    {
        var judge = t.Key("judge", r => r.Key.Judge);
        var context = t.Key("context", r => r.Key.Context);
        var a = t.Key("a", r => r.Key.A);
        var b = t.Key("b", r => r.Key.B);
        t.Repeated("outcome", r => r.Verdict.Outcome.ToString());
        t.Repeated("margin", r => r.Verdict.Margin);
        var verdict = t.Json("verdict", r => r.Verdict);
        return row => new(new(judge[row], context[row], a[row], b[row]), verdict[row]);
    });

    public static Table<RatingRow> Rating { get; } = Declare<RatingRow>("rating", t =>
    {
        var rater = t.Key("rater", r => r.Key.Rater);
        var context = t.Key("context", r => r.Key.Context);
        var response = t.Key("response", r => r.Key.Response);
        var score = t.OptionalReal("score", r => (r.Rating as Rating.Scored)?.Value);
        var reason = t.OptionalText("reason", r => (r.Rating as Rating.Unparsable)?.Reason);
        return row => new(
            new(rater[row], context[row], response[row]), score[row] is { } value ? new Rating.Scored(value) : new Rating.Unparsable(reason[row] ?? ""));
    });

    public static Table<PairSetRow> PairSet { get; } = Declare<PairSetRow>("pair_set", t =>
    {
        var stage = t.Key("stage", r => r.Key.Stage);
        var round = t.Key("round", r => r.Key.Round);
        var prompt = t.Key("prompt", r => r.Key.Index);
        var promptId = t.Text("prompt_id", r => r.PromptId);
        var messages = t.Text("messages", r => r.Messages);
        var promptTokens = t.Array("prompt_tokens", r => r.PromptTokens);
        var reference = t.Text("reference", r => r.Reference);
        var matches = t.Json("matches", r => r.Matches);
        var scores = t.Json("scores", r => r.Scores);
        var pairs = t.Json("pairs", r => r.Pairs);
        return row => new(
            new(stage[row], round[row], prompt[row]), promptId[row], messages[row], promptTokens[row], reference[row], matches[row], scores[row], pairs[row]);
    });

    public static Table<StepRow> Step { get; } = Declare<StepRow>("step", t =>
    {
        var stage = t.Key("stage", r => r.Stage);
        var round = t.Key("round", r => r.Round);
        var step = t.Key("step", r => r.Step);
        var learningRate = t.Real("learning_rate", r => r.LearningRate);
        t.Repeated("loss", r => r.Report.Loss);
        var report = t.Json("report", r => r.Report);
        return row => new(stage[row], round[row], step[row], learningRate[row], report[row]);
    });

    public static Table<TrainerCheckpointRow> TrainerCheckpoint { get; } = Declare<TrainerCheckpointRow>("trainer_checkpoint", t =>
    {
        var stage = t.Key("stage", r => r.Stage);
        var round = t.Key("round", r => r.Round);
        var step = t.Key("step", r => r.Step);
        var file = t.Text("file", r => r.File);
        return row => new(stage[row], round[row], step[row], file[row]);
    });

    public static Table<RoundRow> Round { get; } = Declare<RoundRow>("round", t =>
    {
        var stage = t.Key("stage", r => r.Stage);
        var round = t.Key("round", r => r.Round);
        var kind = t.Text("kind", r => r.Kind);
        var before = t.Text("policy_before", r => r.PolicyBefore);
        var after = t.Text("policy_after", r => r.PolicyAfter);
        var metrics = t.Json("metrics", r => r.Metrics);
        return row => new(stage[row], round[row], kind[row], before[row], after[row], metrics[row]);
    });

    public static Table<EvaluationRow> Evaluation { get; } = Declare<EvaluationRow>("evaluation", t =>
    {
        var policy = t.Key("policy", r => r.Policy);
        var metrics = t.Json("metrics", r => r.Metrics);
        var samples = t.Json("samples", r => r.Samples);
        return row => new(policy[row], metrics[row], samples[row]);
    });

    private static Table<TRow> Declare<TRow>(string name, Func<Table<TRow>, Func<StoredRow, TRow>> columns, int version = 1)
        where TRow : class
    {
        Table<TRow> table = new(name, columns, version);
        Declared.Add(table);
        return table;
    }
}
