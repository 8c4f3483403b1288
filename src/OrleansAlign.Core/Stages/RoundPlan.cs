using System.Text.Json;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Tournaments;

namespace OrleansAlign.Core.Stages;

/// <summary>One round of self-judging as every host plays it: which prompt stands where, what is drawn for it, and what its bracket leaves.</summary>
/// <remarks>All of it is a function of recipe, data, seed and the three policies: hosts differ in who works when, never in what comes out.</remarks>
public sealed class RoundPlan
{
    private readonly IReadOnlyList<Prompt> prompts;
    private readonly RoundPrompts order;
    private readonly RunSeeds seeds;

    internal RoundPlan(int stage, int round, SelfJudgeOptions options, IReadOnlyList<Prompt> prompts, RoundPrompts order, RunSeeds seeds, RoundPolicies policies) =>
        (Stage, Round, Options, this.prompts, this.order, this.seeds, Policies) = (stage, round, options, prompts, order, seeds, policies);

    /// <summary>Stage, from 0.</summary>
    public int Stage { get; }

    /// <summary>Round, from 1.</summary>
    public int Round { get; }

    /// <summary>The stage's options.</summary>
    public SelfJudgeOptions Options { get; }

    /// <summary>Who draws, who judges, and what the loss is anchored to.</summary>
    public RoundPolicies Policies { get; }

    /// <summary>Prompts of the round.</summary>
    public int Count => order.Count;

    /// <summary>The key of the prompt at a place.</summary>
    public PromptKey Key(int index) => new(Stage, Round, index);

    /// <summary>The prompt at a place.</summary>
    public Prompt PromptAt(int index) => prompts[order.At(Round, index)];

    /// <summary>What is drawn as a candidate.</summary>
    public GenerationRequest Request(int index, int candidate) => new(PromptAt(index).Messages, seeds.Candidate(Key(index), candidate), Options.Sampling);

    /// <summary>A candidate as it is recorded.</summary>
    public CompletionRow Completion(int index, int candidate, GeneratedResponse drawn) => new(
        Key(index), PromptAt(index).Id, candidate, Policies.Player, seeds.Candidate(Key(index), candidate), drawn.Finish, drawn.Tokens, drawn.LogProbs, drawn.Text);

    /// <summary>The prompt's contest.</summary>
    public ContestEntry Contest(int index, IReadOnlyList<CompletionRow> candidates) => new(PromptAt(index).Messages, candidates, seeds.Bracket(Key(index)));

    /// <summary>The prompt's bracket before anything is drawn or judged.</summary>
    /// <param name="index">Place of the prompt.</param>
    /// <param name="judge">Id of the judge.</param>
    public PromptTournament Tournament(int index, string judge) => new(PromptAt(index).Messages, Options.Candidates, Options.Bracket, seeds.Bracket(Key(index)), judge);

    /// <summary>What a contest leaves, as it is recorded.</summary>
    /// <param name="index">Place of the prompt.</param>
    /// <param name="result">How the contest ended.</param>
    /// <param name="promptTokens">The conversation's ids.</param>
    /// <param name="reference">Log-prob of a candidate under the reference policy, summed over its tokens; asked for paired candidates only.</param>
    public PairSetRow PairSet(int index, ContestResult result, int[] promptTokens, Func<int, double> reference)
    {
        Prompt prompt = PromptAt(index);
        return new PairSetRow(
            Key(index), prompt.Id, JsonSerializer.Serialize(prompt.Messages), promptTokens, Policies.Reference, result.Matches, result.Scores,
            [.. result.Picks.Select(p => new PairRow(p.Chosen, p.Rejected, p.Margin, reference(p.Chosen), reference(p.Rejected)))]);
    }
}

/// <summary>The policies of a round, by hash.</summary>
/// <param name="Player">Draws the candidates; what is trained begins from it.</param>
/// <param name="Judge">Judges them.</param>
/// <param name="Reference">Anchors the loss.</param>
public sealed record RoundPolicies(string Player, string Judge, string Reference);
