using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>The tables of <see cref="PostgresSchema"/> as they are written.</summary>
internal static class PostgresTables
{
    public static PostgresTable<RunRow> Run { get; } = new PostgresTable<RunRow>("run", r => 200 + r.Recipe.Length)
        .Text("recipe", r => r.Recipe).Text("folder", r => r.Folder).Text("seed", r => r.Seed.ToString()).Text("data_hash", r => r.DataHash).Text("version", r => r.Version);

    public static PostgresTable<CompletionRow> Completion { get; } = new PostgresTable<CompletionRow>("completion", r => 200 + (8 * r.Tokens.Length) + r.Text.Length)
        .Integer("stage", r => r.Key.Stage, key: true).Integer("round", r => r.Key.Round, key: true).Integer("prompt", r => r.Key.Index, key: true)
        .Integer("candidate", r => r.Candidate, key: true).Text("prompt_id", r => r.PromptId).Text("policy", r => r.Policy).Text("seed", r => r.Seed.ToString())
        .Text("finish", r => r.Finish.ToString()).Bytes("tokens", r => LedgerJson.Blob<int>(r.Tokens)).Bytes("log_probs", r => LedgerJson.Blob<float>(r.LogProbs))
        .Text("text", r => r.Text);

    public static PostgresTable<VerdictRow> Verdict { get; } = new PostgresTable<VerdictRow>("verdict", r => 500 + (300 * r.Verdict.Readings.Count))
        .Text("judge", r => r.Key.Judge, key: true).Text("context", r => r.Key.Context, key: true).Text("a", r => r.Key.A, key: true).Text("b", r => r.Key.B, key: true)
        .Text("outcome", r => r.Verdict.Outcome.ToString()).Real("margin", r => r.Verdict.Margin).Text("verdict", r => LedgerJson.Write(r.Verdict));

    public static PostgresTable<RatingRow> Rating { get; } = new PostgresTable<RatingRow>("rating", _ => 400)
        .Text("rater", r => r.Key.Rater, key: true).Text("context", r => r.Key.Context, key: true).Text("response", r => r.Key.Response, key: true)
        .Real("score", r => (r.Rating as Core.Judging.Rating.Scored)?.Value).Text("reason", r => (r.Rating as Core.Judging.Rating.Unparsable)?.Reason);

    public static PostgresTable<PairSetRow> PairSet { get; } = new PostgresTable<PairSetRow>(
            "pair_set", r => 300 + r.Messages.Length + (4 * r.PromptTokens.Length) + (400 * r.Matches.Count) + (20 * r.Scores.Count) + (150 * r.Pairs.Count))
        .Integer("stage", r => r.Key.Stage, key: true).Integer("round", r => r.Key.Round, key: true).Integer("prompt", r => r.Key.Index, key: true)
        .Text("prompt_id", r => r.PromptId).Text("messages", r => r.Messages).Bytes("prompt_tokens", r => LedgerJson.Blob<int>(r.PromptTokens))
        .Text("reference", r => r.Reference).Text("matches", r => LedgerJson.Write(r.Matches)).Text("scores", r => LedgerJson.Write(r.Scores))
        .Text("pairs", r => LedgerJson.Write(r.Pairs));

    public static PostgresTable<StepRow> Step { get; } = new PostgresTable<StepRow>("step", _ => 1000)
        .Integer("stage", r => r.Stage, key: true).Integer("round", r => r.Round, key: true).Integer("step", r => r.Step, key: true)
        .Real("learning_rate", r => r.LearningRate).Real("loss", r => r.Report.Loss).Text("report", r => LedgerJson.Write(r.Report));

    public static PostgresTable<TrainerCheckpointRow> TrainerCheckpoint { get; } = new PostgresTable<TrainerCheckpointRow>("trainer_checkpoint", _ => 200)
        .Integer("stage", r => r.Stage, key: true).Integer("round", r => r.Round, key: true).Integer("step", r => r.Step, key: true).Text("file", r => r.File);

    public static PostgresTable<RoundRow> Round { get; } = new PostgresTable<RoundRow>("round", _ => 2000)
        .Integer("stage", r => r.Stage, key: true).Integer("round", r => r.Round, key: true).Text("kind", r => r.Kind)
        .Text("policy_before", r => r.PolicyBefore).Text("policy_after", r => r.PolicyAfter).Text("metrics", r => LedgerJson.Write(r.Metrics));

    public static PostgresTable<EvaluationRow> Evaluation { get; } = new PostgresTable<EvaluationRow>("evaluation", _ => 20_000)
        .Text("policy", r => r.Policy, key: true).Text("metrics", r => LedgerJson.Write(r.Metrics)).Text("samples", r => LedgerJson.Write(r.Samples));
}
