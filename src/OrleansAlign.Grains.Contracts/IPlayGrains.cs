using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts;

/// <summary>Names a round in calls between grains; with the run's recipe it determines the round's plan.</summary>
/// <param name="Run">The run.</param>
/// <param name="Stage">Stage, from 0.</param>
/// <param name="Round">Round, from 1.</param>
/// <param name="Player">Hash of the policy that draws the candidates.</param>
/// <param name="Judge">Hash of the policy that judges them.</param>
/// <param name="Reference">Hash of the policy that anchors the loss.</param>
[GenerateSerializer, Immutable, Alias("align.round-ref")]
public sealed record RoundRef(
    [property: Id(0)] string Run, [property: Id(1)] int Stage, [property: Id(2)] int Round,
    [property: Id(3)] string Player, [property: Id(4)] string Judge, [property: Id(5)] string Reference);

/// <summary>One prompt of a round: has its candidates drawn and enters each into its bracket grain as it arrives.</summary>
[Alias("align.prompt")]
public interface IPromptGrain : IGrainWithStringKey
{
    /// <summary>Works towards the prompt's pair set.</summary>
    /// <param name="round">The prompt's round.</param>
    /// <param name="begun">Whether the ledger may have rows of the prompt; if not, the grain saves the query.</param>
    /// <param name="wait">How long to wait before replying that the work is not done, at most 20 s.</param>
    /// <returns>Whether the pair set is in the ledger; if not, the work goes on and the caller calls again.</returns>
    [Alias("play"), ResponseTimeout("00:01:00")]
    Task<bool> PlayAsync(RoundRef round, bool begun, TimeSpan wait);
}

/// <summary>Decides one prompt's tournament: each match is judged as soon as both its candidates have arrived; the result is one pair set.</summary>
[Alias("align.bracket")]
public interface IBracketGrain : IGrainWithStringKey
{
    /// <summary>Enters candidates whose rows are in the ledger; a candidate that was entered before is ignored.</summary>
    [Alias("enter"), ResponseTimeout("00:01:00")]
    Task EnterAsync(RoundRef round, [Immutable] IReadOnlyList<CompletionRow> entering);

    /// <summary>Waits for the end of the tournament.</summary>
    /// <returns>Whether the pair set is in the ledger; if not, the caller enters all candidates again and calls again.</returns>
    [Alias("decide"), ResponseTimeout("00:01:00")]
    Task<bool> DecideAsync(RoundRef round, TimeSpan wait);
}
