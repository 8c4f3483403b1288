using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Stages;

/// <summary>Every seed of a run, derived from names: (run seed, stage, round, prompt, candidate, purpose).</summary>
/// <remarks>A prompt is identified by its place in the round, so the same prompt gets other candidates in another round.</remarks>
public sealed class RunSeeds(ulong runSeed)
{
    /// <summary>Seed of the first weights.</summary>
    public ulong Weights => CounterRandom.Derive(runSeed, "weights");

    /// <summary>Seed of the responses that evaluation draws; the same for every policy, so that policies are compared on the same draws.</summary>
    public ulong Evaluation => CounterRandom.Derive(runSeed, "evaluation");

    /// <summary>Seed of a stage's order of rows.</summary>
    public ulong Rows(int stage, int round) => CounterRandom.Derive(CounterRandom.Derive(Stage(stage), "rows"), (ulong)round);

    /// <summary>Seed of a stage's order of prompts.</summary>
    public ulong Prompts(int stage) => CounterRandom.Derive(Stage(stage), "prompts");

    /// <summary>Seed of the dropout masks of a step.</summary>
    public ulong Dropout(int stage, int round, int step) =>
        CounterRandom.Derive(CounterRandom.Derive(CounterRandom.Derive(Stage(stage), "dropout"), (ulong)round), (ulong)step);

    /// <summary>Seed of a candidate's draws.</summary>
    public ulong Candidate(PromptKey key, int candidate) => CounterRandom.Derive(CounterRandom.Derive(Prompt(key), "candidate"), (ulong)candidate);

    /// <summary>Seed of a prompt's bracket: its draw and the coins of its ties.</summary>
    public ulong Bracket(PromptKey key) => CounterRandom.Derive(Prompt(key), "bracket");

    private ulong Prompt(PromptKey key) =>
        CounterRandom.Derive(CounterRandom.Derive(CounterRandom.Derive(Stage(key.Stage), "round"), (ulong)key.Round), (ulong)key.Index);

    private ulong Stage(int stage) => CounterRandom.Derive(CounterRandom.Derive(runSeed, "stage"), (ulong)stage);
}
