using System.Text.Json.Serialization;
using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Ledger;

/// <summary>The place of a prompt in a run: the natural key of all rows that belong to the prompt.</summary>
/// <param name="Stage">Stage, from 0, in the recipe's order.</param>
/// <param name="Round">Round within the stage, from 1.</param>
/// <param name="Index">Position in the round's order of prompts, from 0.</param>
public readonly record struct PromptKey(int Stage, int Round, int Index)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Stage}.{Round}.{Index}";
}

/// <summary>A run as it was started.</summary>
/// <param name="RunId">Name of the run; also its folder.</param>
/// <param name="Recipe">The recipe's text, as read.</param>
/// <param name="Folder">The folder that the recipe's paths are relative to.</param>
/// <param name="Seed">The seed from which all others derive.</param>
/// <param name="DataHash">SHA-256 over every data file that the recipe names; a run is not resumed on changed data.</param>
/// <param name="Version">Version of the program that started it.</param>
public sealed record RunRow(string RunId, string Recipe, string Folder, ulong Seed, string DataHash, string Version)
{
    /// <summary>Hash of each data file, so that a message can name the changed file; empty for runs of program versions that did not record them.</summary>
    public IReadOnlyList<DataFileHash> DataFiles { get; init; } = [];

    /// <summary>Absolute path of the recipe's file on the machine that started the run; empty if it is not known.</summary>
    public string RecipePath { get; init; } = "";
}

/// <summary>A data file as it was when its run was started.</summary>
/// <param name="Path">The file, as the recipe names it.</param>
/// <param name="Sha256">SHA-256 of its content, in hexadecimal digits.</param>
public sealed record DataFileHash(string Path, string Sha256);

/// <summary>A candidate, drawn or given by the data.</summary>
/// <param name="Key">Its prompt's place.</param>
/// <param name="PromptId">Id of the prompt in the data.</param>
/// <param name="Candidate">Number of the candidate, from 0.</param>
/// <param name="Policy">Hash of the policy that drew it; <c>data</c> for a candidate that the data gives.</param>
/// <param name="Seed">Seed of its draws.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="Tokens">Its ids, the stop token included.</param>
/// <param name="LogProbs">Raw log-prob of each token under <paramref name="Policy"/>.</param>
/// <param name="Text">Its text without control tokens.</param>
public sealed record CompletionRow(
    PromptKey Key, string PromptId, int Candidate, string Policy, ulong Seed, FinishReason Finish, int[] Tokens, float[] LogProbs, string Text);

/// <summary>A judge's question as hashes of its contents, so that the same question is asked once.</summary>
/// <param name="Judge">Hash of the judge: policy, templates, rule.</param>
/// <param name="Context">Hash of the conversation that is answered.</param>
/// <param name="A">Hash of the response shown first.</param>
/// <param name="B">Hash of the response shown second.</param>
public readonly record struct VerdictKey(string Judge, string Context, string A, string B)
{
    /// <summary>The same question with the responses exchanged.</summary>
    public VerdictKey Swap() => new(Judge, Context, B, A);

    /// <summary>Whether this is the order in which the question is stored (the lesser response hash first).</summary>
    [JsonIgnore]
    public bool IsCanonical => string.CompareOrdinal(A, B) <= 0;

    /// <summary>The form under which the question is stored.</summary>
    public VerdictKey ToCanonical() => IsCanonical ? this : Swap();
}

/// <summary>An answer to a judge's question, in the key's order.</summary>
public sealed record VerdictRow(VerdictKey Key, Verdict Verdict);

/// <summary>A response to rate as hashes of its contents.</summary>
/// <param name="Rater">Hash of the rater: policy, template, draws.</param>
/// <param name="Context">Hash of the conversation that is answered.</param>
/// <param name="Response">Hash of the response.</param>
public readonly record struct RatingKey(string Rater, string Context, string Response);

/// <summary>A response's rating.</summary>
public sealed record RatingRow(RatingKey Key, Rating Rating);

/// <summary>A decided match of a prompt's bracket.</summary>
/// <param name="Match">The match's id in its bracket, as in <c>main-1-0</c>.</param>
/// <param name="A">Candidate shown first.</param>
/// <param name="B">The other candidate.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Margin">Signed margin, in [−1, 1]; positive for A.</param>
/// <param name="Flipped">Whether the two orders named different winners.</param>
/// <param name="Key">The verdict behind it; null where both candidates were identical.</param>
public sealed record MatchRow(string Match, int A, int B, Outcome Outcome, double Margin, bool Flipped, VerdictKey? Key);

/// <summary>A preference pair, with the reference log-probs for training.</summary>
/// <param name="Chosen">The preferred candidate.</param>
/// <param name="Rejected">The rejected candidate.</param>
/// <param name="Margin">Margin of the preference, in [0, 1].</param>
/// <param name="ReferenceChosen">Log-prob of the chosen completion under the reference, summed over its tokens; null where the loss needs no reference.</param>
/// <param name="ReferenceRejected">Log-prob of the rejected completion, likewise.</param>
public sealed record PairRow(int Chosen, int Rejected, double Margin, double? ReferenceChosen, double? ReferenceRejected);

/// <summary>The result of one prompt's tournament: exactly one row per prompt, even if it has no pairs.</summary>
/// <param name="Key">The prompt's place.</param>
/// <param name="PromptId">Id of the prompt in the data.</param>
/// <param name="Messages">The conversation, as JSON.</param>
/// <param name="PromptTokens">The conversation as token ids.</param>
/// <param name="Reference">Hash of the reference policy.</param>
/// <param name="Matches">The matches, in the bracket's order; empty where no judge compared candidates.</param>
/// <param name="Scores">The candidates' scores, null for a candidate without a score; empty where no judge gave scores.</param>
/// <param name="Pairs">The pairs, possibly none.</param>
public sealed record PairSetRow(
    PromptKey Key, string PromptId, string Messages, int[] PromptTokens, string Reference, IReadOnlyList<MatchRow> Matches, IReadOnlyList<double?> Scores,
    IReadOnlyList<PairRow> Pairs);

/// <summary>An optimizer step.</summary>
/// <param name="Stage">Stage, from 0.</param>
/// <param name="Round">Round, from 1; 0 in stages without rounds.</param>
/// <param name="Step">Step within the round, from 1.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Report">Loss, gradient norm and metrics of the step.</param>
public sealed record StepRow(int Stage, int Round, int Step, double LearningRate, StepReport Report);

/// <summary>A checkpoint from which training can resume; recorded only after its file is flushed to disk.</summary>
/// <param name="Stage">Stage, from 0.</param>
/// <param name="Round">Round, from 1; 0 in stages without rounds.</param>
/// <param name="Step">Steps taken.</param>
/// <param name="File">Name of the trainer's state in the run's folder.</param>
public sealed record TrainerCheckpointRow(int Stage, int Round, int Step, string File);

/// <summary>How much of a round is recorded.</summary>
/// <param name="Completions">Candidates drawn.</param>
/// <param name="PairSets">Prompts whose pair sets are decided.</param>
/// <param name="Steps">Optimizer steps taken.</param>
public sealed record RoundCounts(long Completions, long PairSets, long Steps);

/// <summary>The end of a round (or of a stage without rounds): the policy before, the policy after, and the metrics.</summary>
/// <param name="Stage">Stage, from 0.</param>
/// <param name="Round">Round, from 1; 0 in stages without rounds.</param>
/// <param name="Kind">Kind of the stage, as recipes write it.</param>
/// <param name="PolicyBefore">Hash of the policy at the beginning.</param>
/// <param name="PolicyAfter">Hash of the policy at the end.</param>
/// <param name="Metrics">Figures by name.</param>
public sealed record RoundRow(int Stage, int Round, string Kind, string PolicyBefore, string PolicyAfter, IReadOnlyDictionary<string, double> Metrics);

/// <summary>The evaluation of a policy.</summary>
/// <param name="Policy">Its hash.</param>
/// <param name="Metrics">Figures by name: <c>pass_rate</c>, <c>judge_accuracy</c> …</param>
/// <param name="Samples">A few prompts with responses, for reading.</param>
public sealed record EvaluationRow(string Policy, IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<EvaluationSample> Samples);

/// <summary>A prompt and a response to it.</summary>
public sealed record EvaluationSample(string Prompt, string Response, bool Passed);
