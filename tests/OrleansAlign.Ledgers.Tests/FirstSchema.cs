namespace OrleansAlign.Ledgers.Tests;

/// <summary>The schemas of version 1 as they were released. Existing databases have them, so the tables here never change.</summary>
internal static class FirstSchema
{
    public const string Sqlite = """
        CREATE TABLE run (run_id TEXT PRIMARY KEY, recipe TEXT NOT NULL, folder TEXT NOT NULL, seed TEXT NOT NULL, data_hash TEXT NOT NULL,
            version TEXT NOT NULL);
        CREATE TABLE completion (stage INT, round INT, prompt INT, candidate INT, prompt_id TEXT NOT NULL, policy TEXT NOT NULL, seed TEXT NOT NULL,
            finish TEXT NOT NULL, tokens BLOB NOT NULL, log_probs BLOB NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY (stage, round, prompt, candidate)) WITHOUT ROWID;
        CREATE TABLE verdict (judge TEXT, context TEXT, a TEXT, b TEXT, outcome TEXT NOT NULL, margin REAL, verdict TEXT NOT NULL,
            PRIMARY KEY (judge, context, a, b)) WITHOUT ROWID;
        CREATE TABLE rating (rater TEXT, context TEXT, response TEXT, score REAL, reason TEXT, PRIMARY KEY (rater, context, response)) WITHOUT ROWID;
        CREATE TABLE pair_set (stage INT, round INT, prompt INT, prompt_id TEXT NOT NULL, messages TEXT NOT NULL, prompt_tokens BLOB NOT NULL,
            reference TEXT NOT NULL, matches TEXT NOT NULL, scores TEXT NOT NULL, pairs TEXT NOT NULL, PRIMARY KEY (stage, round, prompt)) WITHOUT ROWID;
        CREATE TABLE step (stage INT, round INT, step INT, learning_rate REAL NOT NULL, loss REAL, report TEXT NOT NULL,
            PRIMARY KEY (stage, round, step)) WITHOUT ROWID;
        CREATE TABLE trainer_checkpoint (stage INT, round INT, step INT, file TEXT NOT NULL, PRIMARY KEY (stage, round, step)) WITHOUT ROWID;
        CREATE TABLE round (stage INT, round INT, kind TEXT NOT NULL, policy_before TEXT NOT NULL, policy_after TEXT NOT NULL, metrics TEXT NOT NULL,
            PRIMARY KEY (stage, round)) WITHOUT ROWID;
        CREATE TABLE evaluation (policy TEXT PRIMARY KEY, metrics TEXT NOT NULL, samples TEXT NOT NULL) WITHOUT ROWID;
        """;

    public const string Postgres = """
        CREATE TABLE align.run (run text COLLATE "C" PRIMARY KEY, recipe text NOT NULL, folder text NOT NULL, seed text NOT NULL,
            data_hash text NOT NULL, version text NOT NULL);
        CREATE TABLE align.completion (run text COLLATE "C", stage int, round int, prompt int, candidate int, prompt_id text NOT NULL,
            policy text NOT NULL, seed text NOT NULL, finish text NOT NULL, tokens bytea NOT NULL, log_probs bytea NOT NULL, text text NOT NULL,
            PRIMARY KEY (run, stage, round, prompt, candidate));
        CREATE TABLE align.verdict (run text COLLATE "C", judge text COLLATE "C", context text COLLATE "C", a text COLLATE "C", b text COLLATE "C",
            outcome text NOT NULL, margin float8, verdict text NOT NULL, PRIMARY KEY (run, judge, context, a, b));
        CREATE TABLE align.rating (run text COLLATE "C", rater text COLLATE "C", context text COLLATE "C", response text COLLATE "C", score float8, reason text,
            PRIMARY KEY (run, rater, context, response));
        CREATE TABLE align.pair_set (run text COLLATE "C", stage int, round int, prompt int, prompt_id text NOT NULL, messages text NOT NULL,
            prompt_tokens bytea NOT NULL, reference text NOT NULL, matches text NOT NULL, scores text NOT NULL, pairs text NOT NULL, PRIMARY KEY (run, stage, round, prompt));
        CREATE TABLE align.step (run text COLLATE "C", stage int, round int, step int, learning_rate float8 NOT NULL, loss float8, report text NOT NULL,
            PRIMARY KEY (run, stage, round, step));
        CREATE TABLE align.trainer_checkpoint (run text COLLATE "C", stage int, round int, step int, file text NOT NULL, PRIMARY KEY (run, stage, round, step));
        CREATE TABLE align.round (run text COLLATE "C", stage int, round int, kind text NOT NULL, policy_before text NOT NULL, policy_after text NOT NULL,
            metrics text NOT NULL, PRIMARY KEY (run, stage, round));
        CREATE TABLE align.evaluation (run text COLLATE "C", policy text COLLATE "C", metrics text NOT NULL, samples text NOT NULL, PRIMARY KEY (run, policy));
        CREATE TABLE align.schema_version (version int PRIMARY KEY);
        INSERT INTO align.schema_version VALUES (1);
        """;
}
