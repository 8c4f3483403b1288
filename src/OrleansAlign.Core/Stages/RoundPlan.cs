using System.Text.Json;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Stages;

/// <summary>One round, the same for every host: the order of its prompts, their candidates, how they are decided, and the rows that are recorded.</summary>
/// <remarks>A round is a function of recipe, data, seed and the three policies: hosts differ in when and where work is done, never in results.</remarks>
public sealed class RoundPlan
{
    /// <summary>What the ledger records in place of a policy's hash for an answer that the data gives.</summary>
    public const string DataPolicy = "data";

    private readonly PreferenceOptions options;
    private readonly RoundData data;
    private readonly StageContext context;
    private readonly int given;

    internal RoundPlan(int stage, int round, PreferenceOptions options, RoundData data, StageContext context, RoundPolicies policies)
    {
        (Stage, Round, this.options, this.data, this.context, Policies) = (stage, round, options, data, context, policies);
        (given, NeedsReference) = (data.Prompts[0].Answers.Count, options.TrainedBy.NeedsReference);
    }

    /// <summary>Stage, from 0.</summary>
    public int Stage { get; }

    /// <summary>Round, from 1.</summary>
    public int Round { get; }

    /// <summary>The policies that draw, judge, and anchor the loss.</summary>
    public RoundPolicies Policies { get; }

    /// <summary>How a prompt's candidates are decided.</summary>
    public Decision Decision => options.Decision;

    /// <summary>Whether paired candidates are scored under the reference policy.</summary>
    public bool NeedsReference { get; }

    /// <summary>Prompts of the round.</summary>
    public int Count => data.Order.Count;

    /// <summary>Candidates of each prompt: the answers that the data gives come first, then those that are drawn.</summary>
    public int Candidates => given + options.Drawn;

    /// <summary>The key of the prompt at a place.</summary>
    public PromptKey Key(int index) => new(Stage, Round, index);

    /// <summary>Whether the data gives a candidate; all others are drawn.</summary>
    public bool IsGiven(int candidate) => candidate < given;

    /// <summary>A candidate that the data gives, as it is recorded: its log-probs are not known.</summary>
    public CompletionRow GivenCompletion(int index, int candidate)
    {
        GivenPrompt entry = EntryAt(index);
        TokenSequence row = context.Encoder.Answer(entry.Prompt.Messages, entry.Answers[candidate], entry.Prompt.Variables);
        return new CompletionRow(
            Key(index), entry.Prompt.Id, candidate, DataPolicy, Seed: 0, FinishReason.Stop,
            row.Tokens[row.PromptLength..], LogProbs: [], entry.Answers[candidate]);
    }

    /// <summary>The request that draws a candidate.</summary>
    public GenerationRequest Request(int index, int candidate) =>
        new(PromptAt(index).Messages, context.Seeds.Candidate(Key(index), candidate), options.DrawnBy)
        {
            Variables = context.Encoder.Merged(PromptAt(index).Variables),
        };

    /// <summary>A drawn candidate as it is recorded.</summary>
    public CompletionRow Completion(int index, int candidate, GeneratedResponse drawn) => new(
        Key(index), PromptAt(index).Id, candidate, Policies.Player, context.Seeds.Candidate(Key(index), candidate),
        drawn.Finish, drawn.Tokens, drawn.LogProbs, drawn.Text);

    /// <summary>The prompt's tournament once all its candidates are known.</summary>
    public TournamentEntry Tournament(int index, IReadOnlyList<CompletionRow> candidates)
    {
        Prompt prompt = PromptAt(index);
        return new TournamentEntry(prompt.Messages, candidates, context.Seeds.Bracket(Key(index))) { Check = data.JudgedByChecks ? prompt.Check : null };
    }

    /// <summary>The prompt's tournament before any candidate has arrived; null where no judge compares candidates in a bracket.</summary>
    /// <param name="index">Place of the prompt.</param>
    /// <param name="judge">Id of the judge.</param>
    public PromptTournament? Bracket(int index, string judge)
    {
        if (Decision is not Decision.ByBracket bracket) return null;
        TournamentEntry entry = Tournament(index, []);
        return new PromptTournament(entry.Messages, Candidates, bracket.Format, entry.Seed, judge) { Check = entry.Check };
    }

    /// <summary>The prompt as token ids, as a policy reads it.</summary>
    public int[] PromptTokens(int index) => context.Encoder.Prompt(PromptAt(index).Messages, PromptAt(index).Variables);

    /// <summary>The result of a tournament, as it is recorded.</summary>
    /// <param name="index">Place of the prompt.</param>
    /// <param name="result">How the tournament ended.</param>
    /// <param name="promptTokens">The prompt's ids.</param>
    /// <param name="reference">Log-prob of a candidate under the reference policy, summed over its tokens; null where the loss needs no reference.</param>
    public PairSetRow PairSet(int index, TournamentResult result, int[] promptTokens, Func<int, double?> reference)
    {
        Prompt prompt = PromptAt(index);
        return new PairSetRow(
            Key(index), prompt.Id, JsonSerializer.Serialize(prompt.Messages), promptTokens, Policies.Reference, result.Matches, result.Scores,
            [.. result.Picks.Select(p => new PairRow(p.Chosen, p.Rejected, p.Margin, reference(p.Chosen), reference(p.Rejected)))]);
    }

    private Prompt PromptAt(int index) => EntryAt(index).Prompt;

    private GivenPrompt EntryAt(int index) => data.Prompts[data.Order.At(Round, index)];
}

/// <summary>The policies of a round, by hash.</summary>
/// <param name="Player">Draws the candidates; training begins with its weights.</param>
/// <param name="Judge">Judges the candidates.</param>
/// <param name="Reference">Anchors the loss.</param>
public sealed record RoundPolicies(string Player, string Judge, string Reference);

/// <summary>A stage's prompts, and their order in each round.</summary>
/// <param name="Prompts">The prompts, at least one; the data gives the same number of answers to each.</param>
/// <param name="Order">The prompt at each place of each round.</param>
/// <param name="JudgedByChecks">Whether the judge decides by the prompts' checks.</param>
internal sealed record RoundData(IReadOnlyList<GivenPrompt> Prompts, RoundPrompts Order, bool JudgedByChecks);
